/** How it goes: per day, and per project. */

import { useEffect, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import type { NumbersView } from '../../http/taskView.ts'
import { dollars, duration } from '../amounts.ts'
import { type Answer, getJson, wordsFor } from '../api.ts'
import { Combobox } from '../combobox.tsx'
import { Notice } from '../notice.tsx'
import { findProjects } from '../projects.ts'
import { useTitle } from '../title.ts'
import { DayChart } from './dayChart.tsx'
import { share } from './share.ts'
import { DaysTable, ProjectsTable } from './tables.tsx'
import '../style/numbers.css'

const TIMES = [7, 30, 90] as const

export function NumbersScreen() {
  useTitle('Numbers')
  const [, navigate] = useLocation()
  const query = new URLSearchParams(useSearch())
  const project = query.get('project') ?? ''
  const days = TIMES.find((time) => String(time) === query.get('days')) ?? 30
  const { found, stale } = useNumbers(days, project)
  const go = (changes: { days?: number; project?: string }) => {
    const next = new URLSearchParams({ days: String(changes.days ?? days) })
    const path = changes.project ?? project
    if (path !== '') next.set('project', path)
    navigate(`/numbers?${next}`)
  }
  return (
    <>
      <div className="title-line">
        <h1>Numbers</h1>
        <fieldset className="segments" aria-label="Time">
          {TIMES.map((time) => (
            <button key={time} type="button" aria-pressed={time === days} onClick={() => go({ days: time })}>
              {time} days
            </button>
          ))}
        </fieldset>
        <Combobox
          label="Project"
          value={project}
          find={findProjects}
          free
          placeholder="all"
          onChange={(path) => go({ project: path })}
        />
      </div>
      <div className="numbers" data-stale={stale} aria-busy={stale}>
        {found === undefined && <div className="numbers-wait" role="status" aria-label="Counting" />}
        {found !== undefined && found.is !== 'ok' && (
          <Notice kind="error" title="The numbers could not be fetched">
            {wordsFor(found)}
          </Notice>
        )}
        {found?.is === 'ok' && <Numbers numbers={found.value} />}
      </div>
    </>
  )
}

function useNumbers(days: number, project: string): { found: Answer<NumbersView> | undefined; stale: boolean } {
  const [found, setFound] = useState<{ query: string; answer: Answer<NumbersView> }>()
  const query = new URLSearchParams({ days: String(days), ...(project === '' ? {} : { project }) }).toString()
  useEffect(() => {
    const end = new AbortController()
    void getJson<NumbersView>(`/api/numbers?${query}`, end.signal).then((answer) => {
      if (!end.signal.aborted) setFound({ query, answer })
    })
    return () => end.abort()
  }, [query])
  return { found: found?.answer, stale: found?.query !== query }
}

function Numbers({ numbers: { total, days, projects } }: { numbers: NumbersView }) {
  if (total.asked === 0) {
    return <Notice title="Nothing was asked in this time">Choose a longer one, or another project.</Notice>
  }
  const big = [
    [
      'Tasks',
      String(total.asked),
      `${total.succeeded} succeeded, ${total.failed} failed, ${total.cancelled} cancelled`,
    ],
    ['Succeeded', share(total.successRate), 'of those that ended by themselves'],
    ['Merged', share(total.mergeRate), `${total.merged} of ${total.mergeRequests} merge requests`],
    [
      'To the merge request',
      total.secondsToMergeRequest === null ? '–' : duration(total.secondsToMergeRequest),
      'in the middle (median)',
    ],
    [
      'Cost',
      dollars(total.costUsd),
      `${total.costPerMergedUsd === null ? '–' : dollars(total.costPerMergedUsd)} for each that was merged`,
    ],
  ] as const
  return (
    <>
      <dl className="big">
        {big.map(([name, value, more]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <b className="number">{value}</b>
              <small className="muted">{more}</small>
            </dd>
          </div>
        ))}
      </dl>
      <div className="charts">
        <DayChart
          title="Tasks a day"
          days={days.map((day) => ({
            day: day.day,
            parts: [
              { kind: 'succeeded', value: day.succeeded },
              { kind: 'failed', value: day.failed },
              { kind: 'cancelled', value: day.cancelled },
              { kind: 'running', value: Math.max(0, day.asked - day.succeeded - day.failed - day.cancelled) },
            ],
          }))}
          words={String}
          legend
        />
        <DayChart
          title="Merge requests a day"
          days={days.map((day) => ({
            day: day.day,
            parts: [
              { kind: 'merged', value: day.merged },
              { kind: 'unmerged', value: Math.max(0, day.mergeRequests - day.merged) },
            ],
          }))}
          words={String}
          legend
        />
        <DayChart
          title="Time to the merge request"
          days={days.map((day) => ({ day: day.day, parts: [{ kind: 'time', value: day.secondsToMergeRequest ?? 0 }] }))}
          words={duration}
        />
        <DayChart
          title="Cost a day"
          days={days.map((day) => ({ day: day.day, parts: [{ kind: 'cost', value: day.costUsd }] }))}
          words={dollars}
        />
      </div>
      <ProjectsTable projects={projects} />
      <DaysTable days={days} />
    </>
  )
}
