import { Link } from 'wouter'
import { Notice } from './notice.tsx'
import { useTitle } from './title.ts'

/** An address that leads nowhere, or to what this person may not see: nobody can tell which. */
export function NotHere({ what = 'There is nothing here' }: { what?: string }) {
  useTitle('Not found')
  return (
    <Notice
      whole
      title={what}
      action={
        <Link href="/" className="button">
          All tasks
        </Link>
      }
    >
      The address may be wrong, or it is about something that you may not see.
    </Notice>
  )
}
