/** Asking for something on the page. */

import { type FormEvent, type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { useAnnounce } from '../announcer.tsx'
import { Combobox } from '../combobox.tsx'
import { Notice } from '../notice.tsx'
import { findBranches, findProjects } from '../projects.ts'
import { useTitle } from '../title.ts'
import { Destination } from './destination.tsx'
import { type Draft, type FieldErrors, keepDraft, missing, readDraft } from './draft.ts'
import { Options } from './options.tsx'
import { useProject } from './useProject.ts'
import { useSubmit } from './useSubmit.ts'

const NOTHING = async () => ({ options: [] })

export function NewTaskScreen() {
  useTitle('New task')
  const [, navigate] = useLocation()
  const [draft, setDraft] = useState(readDraft)
  const [errors, setErrors] = useState<FieldErrors>({})
  const [other, setOther] = useState<string>()
  const form = useRef<HTMLFormElement>(null)
  const announce = useAnnounce()
  const { project, failed, again } = useProject(draft.repository)
  const { sending, submit } = useSubmit(({ id }) => {
    announce('The task was created')
    navigate(`/tasks/${id}`)
  })
  useEffect(() => keepDraft(draft), [draft])

  const change = useCallback((changes: Partial<Draft>) => {
    setDraft((old) => ({ ...old, ...changes }))
    setErrors((old) => Object.fromEntries(Object.entries(old).filter(([field]) => !(field in changes))))
  }, [])
  const branches = useMemo(() => (project === undefined ? NOTHING : findBranches(project.id)), [project])

  const refuse = (wrong: FieldErrors, words: string | undefined) => {
    setErrors(wrong)
    setOther(words)
    // After the messages stand at their fields.
    setTimeout(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), 0)
  }
  const send = async () => {
    const wrong = missing(draft, project?.budgetMax)
    if (Object.keys(wrong).length > 0) return refuse(wrong, undefined)
    setOther(undefined)
    const refused = await submit(draft)
    if (refused === undefined) return
    refuse(refused.errors, refused.away ? `${refused.other} Nothing of what you typed is lost.` : refused.other)
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    void send()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    void send()
  }

  return (
    <form ref={form} className="new-task" onSubmit={onSubmit} onKeyDown={onKeyDown} noValidate>
      <h1>New task</h1>
      {other !== undefined && (
        <Notice kind="error" title="The task was not created">
          {other}
        </Notice>
      )}
      <div className="field">
        <label htmlFor="prompt">
          What is to be done <span aria-hidden="true">*</span>
        </label>
        <textarea
          id="prompt"
          name="prompt"
          rows={9}
          value={draft.prompt}
          aria-required="true"
          aria-invalid={errors.prompt !== undefined}
          aria-describedby={errors.prompt === undefined ? 'prompt-hint' : 'prompt-error prompt-hint'}
          placeholder={
            'Add a health check at /health that answers 200 with the version.\n\nMarkdown, as many lines as you like.'
          }
          onChange={({ target }) => change({ prompt: target.value })}
        />
        {errors.prompt !== undefined && (
          <p id="prompt-error" className="field-error">
            {errors.prompt}
          </p>
        )}
        <p id="prompt-hint" className="field-hint">
          Say what should be different afterwards, and how one can tell.
        </p>
      </div>
      <div className="field-pair">
        <Combobox
          label="Project"
          name="repository"
          value={draft.repository}
          find={findProjects}
          stacked
          required
          placeholder="group/project"
          error={errors.repository}
          hint="Those where you may ask: type to search."
          onChange={(repository) => change({ repository, branch: '', agent: '', model: '' })}
        />
        <Combobox
          label="Branch to begin at"
          name="branch"
          value={draft.branch}
          find={branches}
          stacked
          disabled={project === undefined}
          placeholder={project?.defaultBranch ?? 'the default branch'}
          error={errors.branch}
          hint="The merge request goes back to it."
          onChange={(branch) => change({ branch })}
        />
      </div>
      {failed !== undefined && (
        <p className="muted" role="status">
          How work is done in this project could not be fetched: {failed}{' '}
          <button type="button" className="button small" onClick={again}>
            Try again
          </button>
        </p>
      )}
      <Options draft={draft} project={project} errors={errors} change={change} />
      <Destination draft={draft} project={project} />
      <div className="form-actions">
        <button type="submit" className="button primary" aria-disabled={sending}>
          {sending ? 'Sending' : draft.plan ? 'Ask for a plan' : 'Create the task'}
        </button>
        <span className="muted">
          or <kbd>Ctrl</kbd> <kbd>Enter</kbd>
        </span>
      </div>
    </form>
  )
}
