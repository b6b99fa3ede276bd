/**
 * Keys for who has no hand free for the mouse. They are single letters, so they can be switched off (WCAG 2.1.4), and they never count
 * while somebody types.
 */

import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { ShortcutHelp } from './shortcutHelp.tsx'

type Keys = Readonly<Record<string, () => void>>
type Registry = { readonly add: (keys: { current: Keys }) => () => void; readonly help: () => void }

const Shortcuts = createContext<Registry>({ add: () => () => {}, help: () => {} })
const OFF = 'errand.shortcuts'

export function ShortcutProvider({ children }: { children: ReactNode }) {
  const [, navigate] = useLocation()
  const [isHelp, setHelp] = useState(false)
  const [isOff, setOff] = useState(() => stored() === 'off')
  const added = useRef(new Set<{ current: Keys }>())

  useEffect(() => {
    const common: Keys = {
      t: () => navigate('/'),
      n: () => navigate('/new'),
      u: () => navigate('/numbers'),
      '/': () => document.querySelector<HTMLElement>('[data-search]')?.focus(),
      j: () => moveInTable(1),
      k: () => moveInTable(-1),
    }
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return
      if (document.querySelector('dialog[open]') !== null) return
      const run =
        event.key === '?'
          ? () => setHelp(true)
          : isOff
            ? undefined
            : (find(added.current, event.key) ?? common[event.key])
      if (run === undefined) return
      event.preventDefault()
      run()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [navigate, isOff])

  const registry = useMemo<Registry>(
    () => ({
      add(keys) {
        added.current.add(keys)
        return () => added.current.delete(keys)
      },
      help: () => setHelp(true),
    }),
    [],
  )
  const turn = (off: boolean) => {
    setOff(off)
    try {
      localStorage.setItem(OFF, off ? 'off' : 'on')
    } catch {
      // It holds as long as the page, then.
    }
  }
  return (
    <Shortcuts value={registry}>
      {children}
      {isHelp && <ShortcutHelp off={isOff} turn={turn} close={() => setHelp(false)} />}
    </Shortcuts>
  )
}

/** Keys that count while this part of the page is there. */
export function useShortcuts(keys: Keys): void {
  const { add } = useContext(Shortcuts)
  const current = useRef(keys)
  current.current = keys
  useEffect(() => add(current), [add])
}

export function useShortcutHelp(): () => void {
  return useContext(Shortcuts).help
}

function find(added: ReadonlySet<{ current: Keys }>, key: string): (() => void) | undefined {
  return [...added].map(({ current }) => current[key]).find((run) => run !== undefined)
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.getAttribute('type') !== 'checkbox'))
  )
}

function moveInTable(step: 1 | -1): void {
  const links = [...document.querySelectorAll('.row-link')].filter((link) => link instanceof HTMLElement)
  const at = links.findIndex((link) => link.matches(':focus'))
  links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))]?.focus()
}

function stored(): string | null {
  try {
    return localStorage.getItem(OFF)
  } catch {
    return null
  }
}
