import type { ReactNode } from 'react'

/** What stands where there is nothing to show: why, and what to do. */
export function Notice({
  kind = 'empty',
  whole = false,
  title,
  children,
  action,
}: {
  kind?: 'empty' | 'error'
  /** It stands in place of a whole screen, whose heading is its. */
  whole?: boolean
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="notice" data-kind={kind} role={kind === 'error' ? 'alert' : undefined}>
      {whole ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children !== undefined && <div className="muted">{children}</div>}
      {action !== undefined && <div className="notice-action">{action}</div>}
    </div>
  )
}
