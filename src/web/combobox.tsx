/** A text field with a list of what fits, searched as somebody types: the ARIA pattern of an editable combobox. */

import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { visible } from './visible.ts'

export type Found = { readonly options: readonly string[] } | { readonly failed: true }

type Props = {
  label: string
  value: string
  /** Stable, or the search begins anew. */
  find: (text: string, signal: AbortSignal) => Promise<Found>
  onChange: (value: string) => void
  /** It counts when it is chosen or left, whatever is in the list; otherwise with every key. */
  free?: boolean
  placeholder?: string
  error?: string | undefined
  hint?: string | undefined
  required?: boolean
  disabled?: boolean
  name?: string
  stacked?: boolean
}

const TYPING = 150

export function Combobox({ label, value, find, onChange, free = false, stacked = false, ...more }: Props) {
  const id = useId()
  const [typed, setTyped] = useState(value)
  const [open, setOpen] = useState(false)
  /** Whether somebody typed since it was opened: a field that holds its value shows the neighbours too. */
  const [edited, setEdited] = useState(false)
  const [answered, setAnswered] = useState<{ text: string; found: Found }>()
  const [active, setActive] = useState(-1)
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => setTyped((old) => (old.trim() === value ? old : value)), [value])
  const text = edited ? typed : ''

  useEffect(() => {
    if (!open) return
    const end = new AbortController()
    const timer = setTimeout(() => {
      void find(text, end.signal).then((found) => {
        if (end.signal.aborted) return
        setAnswered({ text, found })
        setActive(text === '' || !('options' in found) || found.options.length === 0 ? -1 : 0)
      })
    }, TYPING)
    return () => {
      clearTimeout(timer)
      end.abort()
    }
  }, [open, text, find])

  const found = answered?.found
  const options = found !== undefined && 'options' in found ? found.options : []
  useEffect(() => {
    if (active >= 0) list.current?.children[active]?.scrollIntoView({ block: 'nearest' })
  }, [active])

  const choose = (choice: string) => {
    setTyped(choice)
    setEdited(false)
    setOpen(false)
    setActive(-1)
    if (choice !== value) onChange(choice)
  }
  const leave = () => {
    const exact = options.find((option) => option.toLowerCase() === typed.trim().toLowerCase())
    choose(exact ?? typed.trim())
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      if (!open) setOpen(true)
      else if (options.length > 0)
        setActive((active + step + options.length + (active < 0 && step < 0 ? 1 : 0)) % options.length)
    } else if (event.key === 'Enter' && open && !event.ctrlKey && !event.metaKey) {
      // Of what was typed before, nothing is taken.
      const choice = answered?.text === text ? options[active] : undefined
      if (choice !== undefined) {
        event.preventDefault()
        choose(choice)
      } else if (free) choose(typed.trim())
      else if (edited && answered?.text !== text) event.preventDefault()
    } else if (event.key === 'Escape' && open) {
      event.preventDefault()
      setOpen(false)
    }
  }

  const said = [
    more.error === undefined ? undefined : `${id}-error`,
    more.hint === undefined ? undefined : `${id}-hint`,
  ]
  return (
    <div className={stacked ? 'field combobox' : 'field-inline combobox'}>
      <label htmlFor={id}>
        {label}
        {more.required === true && <span aria-hidden="true"> *</span>}
      </label>
      <div className="combobox-box">
        <input
          id={id}
          name={more.name}
          role="combobox"
          aria-expanded={open}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={open && active >= 0 ? `${id}-${active}` : undefined}
          aria-invalid={more.error !== undefined}
          aria-describedby={said.filter((one) => one !== undefined).join(' ') || undefined}
          aria-required={more.required}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          disabled={more.disabled}
          placeholder={more.placeholder}
          value={typed}
          onChange={({ target }) => {
            setTyped(target.value)
            setEdited(true)
            setActive(-1)
            setOpen(true)
            if (!free && target.value.trim() !== value) onChange(target.value.trim())
          }}
          onClick={() => setOpen(true)}
          onKeyDown={onKeyDown}
          onBlur={leave}
        />
        <div ref={list} id={`${id}-list`} role="listbox" aria-label={label} hidden={!open}>
          {open &&
            options.map((option, index) => (
              <div
                tabIndex={-1}
                key={option}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === active}
                // Before the field loses the focus.
                onMouseDown={(event) => {
                  event.preventDefault()
                  choose(option)
                }}
              >
                <bdi>{visible(option)}</bdi>
              </div>
            ))}
          {open && options.length === 0 && (
            <div tabIndex={-1} className="muted" role="option" aria-selected="false" aria-disabled="true">
              {found === undefined
                ? 'Searching'
                : 'failed' in found
                  ? 'The search failed: type on to try again'
                  : 'Nothing is named like that'}
            </div>
          )}
        </div>
      </div>
      {more.error !== undefined && (
        <p id={`${id}-error`} className="field-error">
          {more.error}
        </p>
      )}
      {more.hint !== undefined && (
        <p id={`${id}-hint`} className="field-hint">
          {more.hint}
        </p>
      )}
    </div>
  )
}
