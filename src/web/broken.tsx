import { Component, type ReactNode } from 'react'
import { Notice } from './notice.tsx'

/** A mistake of ours, or a page that is older than the server: one sentence, and a way on. */
export class Broken extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true }
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children
    return (
      <Notice
        whole
        kind="error"
        title="This page went wrong"
        action={
          <button type="button" className="button" onClick={() => location.reload()}>
            Load it again
          </button>
        }
      >
        It may be older than the server. Your tasks run on.
      </Notice>
    )
  }
}
