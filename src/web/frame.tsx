/** What stands around every screen: where one can go, who one is, and whether anybody logs in here. */

import { type ReactNode, useEffect, useRef } from 'react'
import { Link, useLocation } from 'wouter'
import { PlusIcon } from './icons.tsx'
import { LogOut, loginAddress } from './login.tsx'
import { useMe } from './me.tsx'
import { useShortcutHelp } from './shortcuts.tsx'
import { visible } from './visible.ts'

export function Frame({ children }: { children: ReactNode }) {
  const me = useMe()
  const help = useShortcutHelp()
  const [path] = useLocation()
  const main = useRef<HTMLElement>(null)
  const came = useRef(path)
  const pushed = useRef<string>(undefined)
  useEffect(() => {
    const listen = () => {
      pushed.current = location.pathname
    }
    // The router's own event. `popstate` would come too late: React may have read the address before it.
    addEventListener('pushState', listen)
    return () => removeEventListener('pushState', listen)
  }, [])
  // Another screen: the focus goes to its beginning, as with a page that was loaded. Back and forth, the browser knows where one was.
  useEffect(() => {
    if (came.current === path) return
    came.current = path
    main.current?.focus({ preventScroll: true })
    if (pushed.current === path) scrollTo(0, 0)
    pushed.current = undefined
  }, [path])
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <Link href="/" className="brand">
          <Mark /> Errand
        </Link>
        <nav aria-label="Main">
          <Place to="/" here={path === '/' || path.startsWith('/tasks/')}>
            Tasks
          </Place>
          <Place to="/numbers" here={path === '/numbers'}>
            Numbers
          </Place>
        </nav>
        <div className="top-right">
          <Link href="/new" className="button primary only-wide" aria-current={path === '/new' ? 'page' : undefined}>
            <PlusIcon /> New task
          </Link>
          <button type="button" className="button quiet only-wide" aria-label="Keys" title="Keys (?)" onClick={help}>
            ?
          </button>
          <span className="person">
            {me?.user != null && (
              <span className="person-name" title={visible(me.user.name)}>
                @<bdi>{visible(me.user.username)}</bdi>
              </span>
            )}
            {me?.user != null && me.login === 'gitlab' && <LogOut />}
            {me?.user === null && me.login === 'gitlab' && (
              <a className="button small" href={loginAddress()}>
                Log in
              </a>
            )}
          </span>
        </div>
      </header>
      {me?.login === 'nobody' && (
        <aside className="act-as" aria-label="Login">
          You act as <b>@{me.actsAs ?? me.user?.username}</b>: nobody logs in here.
        </aside>
      )}
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </>
  )
}

function Place({ to, here, children }: { to: string; here: boolean; children: ReactNode }) {
  return (
    <Link href={to} className="place" aria-current={here ? 'page' : undefined}>
      {children}
    </Link>
  )
}

function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M9 16h11M15 10l6 6-6 6" />
      <circle cx="24.5" cy="9" r="2.5" />
    </svg>
  )
}
