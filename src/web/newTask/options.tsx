import { useId } from 'react'
import type { ProjectView } from '../../http/taskView.ts'
import { dollars } from '../amounts.ts'
import type { Draft, FieldErrors } from './draft.ts'

type Props = {
  draft: Draft
  project: ProjectView | undefined
  errors: FieldErrors
  change: (changes: Partial<Draft>) => void
}

/** Who works, with which model, for how much; every one of them may be left as the project has it. */
export function Options({ draft, project, errors, change }: Props) {
  const budget = useId()
  return (
    <>
      <div className="field-three">
        <Choice
          label="Agent"
          value={draft.agent}
          usual={project?.agent}
          choices={project?.agents ?? []}
          error={errors.agent}
          change={(agent) => change({ agent })}
        />
        <Choice
          label="Model"
          value={draft.model}
          usual={project === undefined ? undefined : (project.model ?? 'the agent’s own')}
          choices={project?.models ?? []}
          error={errors.model}
          change={(model) => change({ model })}
        />
        <div className="field">
          <label htmlFor={budget}>Budget in US dollars</label>
          <input
            id={budget}
            inputMode="decimal"
            value={draft.budget}
            disabled={project === undefined}
            placeholder={project === undefined ? '' : String(project.budget)}
            aria-invalid={errors.budget !== undefined}
            aria-describedby={`${budget}-hint`}
            onChange={({ target }) => change({ budget: target.value })}
          />
          <p id={`${budget}-hint`} className={errors.budget === undefined ? 'field-hint' : 'field-error'}>
            {errors.budget ?? (project === undefined ? '\u00a0' : `At most ${dollars(project.budgetMax)}.`)}
          </p>
        </div>
      </div>
      <div className="toggles">
        <label className="toggle">
          <input type="checkbox" checked={draft.plan} onChange={({ target }) => change({ plan: target.checked })} />
          <span>
            Only a plan <small className="muted">nothing is changed</small>
          </span>
        </label>
        <label className="toggle">
          <input
            type="checkbox"
            checked={draft.draft && !draft.plan}
            disabled={draft.plan}
            onChange={({ target }) => change({ draft: target.checked })}
          />
          <span>
            Merge request as a draft <small className="muted">to be finished by a person</small>
          </span>
        </label>
      </div>
    </>
  )
}

function Choice({
  label,
  value,
  usual,
  choices,
  error,
  change,
}: {
  label: string
  value: string
  usual: string | undefined
  choices: readonly string[]
  error: string | undefined
  change: (value: string) => void
}) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        disabled={usual === undefined}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
        onChange={({ target }) => change(target.value)}
      >
        <option value="">{usual === undefined ? 'as the project has it' : `${usual} (usual here)`}</option>
        {choices
          .filter((choice) => choice !== usual)
          .map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
      </select>
      {error !== undefined && (
        <p id={`${id}-error`} className="field-error">
          {error}
        </p>
      )}
    </div>
  )
}
