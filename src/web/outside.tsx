import type { ReactNode } from 'react'
import { webAddress } from './webAddress.ts'

/** A link to GitLab or further. What is no http or https address stays text. */
export function Outside({ href, children, className }: { href: string; children: ReactNode; className?: string }) {
  const address = webAddress(href)
  if (address === undefined) return <span className={className}>{children}</span>
  return (
    <a href={address} className={className} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  )
}
