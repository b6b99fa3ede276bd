import { useEffect, useState } from 'react'
import { Combobox } from '../combobox.tsx'
import { useMe } from '../me.tsx'
import { findProjects } from '../projects.ts'
import { FILTER_STATES, WORDS } from '../states.ts'
import type { TaskFilter } from './taskFilter.ts'

type Change = (changes: Partial<TaskFilter>, how?: { replace?: boolean }) => void

/** Milliseconds after the last key. */
const TYPING = 300

export function Filters({ filter, change }: { filter: TaskFilter; change: Change }) {
  const me = useMe()
  const mine = me?.user?.username
  return (
    <search className="filters">
      <fieldset className="chips">
        <legend className="unseen">State</legend>
        {FILTER_STATES.map((state) => (
          <label key={state} className="chip" data-state={state}>
            <input
              type="checkbox"
              checked={filter.status.includes(state)}
              onChange={({ target }) =>
                change({
                  status: FILTER_STATES.filter((one) => (one === state ? target.checked : filter.status.includes(one))),
                })
              }
            />
            {WORDS[state]}
          </label>
        ))}
      </fieldset>
      <div className="filter-fields">
        <Typed label="Text" value={filter.text} search change={(text) => change({ text }, { replace: true })} />
        <Combobox
          label="Project"
          value={filter.project}
          find={findProjects}
          free
          placeholder="all"
          onChange={(project) => change({ project }, { replace: true })}
        />
        <div className="person-filter">
          <Typed label="Person" value={filter.person} change={(person) => change({ person }, { replace: true })} />
          {mine !== undefined && (
            <button
              type="button"
              className="button small"
              aria-pressed={filter.person === mine}
              onClick={() => change({ person: filter.person === mine ? '' : mine })}
            >
              Mine
            </button>
          )}
        </div>
      </div>
    </search>
  )
}

/** A field whose text counts when nobody types any more. */
function Typed({
  label,
  value,
  change,
  search = false,
}: {
  label: string
  value: string
  change: (text: string) => void
  search?: boolean
}) {
  const [typed, setTyped] = useState(value)
  // The address bar may have gone back.
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    if (typed.trim() === value) return
    const timer = setTimeout(() => change(typed.trim()), TYPING)
    return () => clearTimeout(timer)
  }, [typed, value, change])
  return (
    <label className="field-inline">
      <span>{label}</span>
      <input
        type={search ? 'search' : 'text'}
        value={typed}
        data-search={search ? '' : undefined}
        autoCapitalize="none"
        spellCheck={false}
        placeholder={search ? 'in prompt and title' : 'user name'}
        onChange={({ target }) => setTyped(target.value)}
      />
    </label>
  )
}
