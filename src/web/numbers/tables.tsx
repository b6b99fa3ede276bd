import { Link } from 'wouter'
import type { NumbersView, Sums } from '../../http/taskView.ts'
import { dollars, duration } from '../amounts.ts'
import { visible } from '../visible.ts'
import { share } from './share.ts'

const COLUMNS = ['Tasks', 'Succeeded', 'Merge requests', 'Merged', 'Time to it', 'Cost', 'Per merged'] as const

function Head({ first }: { first: string }) {
  return (
    <thead>
      <tr>
        {[first, ...COLUMNS].map((name) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  )
}

function Cells({ sums }: { sums: Sums }) {
  const values = [
    sums.asked,
    share(sums.successRate),
    sums.mergeRequests,
    share(sums.mergeRate),
    sums.secondsToMergeRequest === null ? '–' : duration(sums.secondsToMergeRequest),
    dollars(sums.costUsd),
    sums.costPerMergedUsd === null ? '–' : dollars(sums.costPerMergedUsd),
  ]
  return COLUMNS.map((name, place) => (
    <td key={name} className="number">
      {values[place]}
    </td>
  ))
}

export function ProjectsTable({ projects }: { projects: NumbersView['projects'] }) {
  return (
    <section className="figures">
      <h2>By project</h2>
      <section className="table-scroll" aria-label="By project" tabIndex={0}>
        <table>
          <Head first="Project" />
          <tbody>
            {projects.map((project) => (
              <tr key={project.id}>
                <th scope="row">
                  <Link href={`/?${new URLSearchParams({ project: project.path })}`}>{visible(project.path)}</Link>
                </th>
                <Cells sums={project} />
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  )
}

/** The charts' numbers, for reading and hearing. */
export function DaysTable({ days }: { days: NumbersView['days'] }) {
  return (
    <details className="figures">
      <summary>The same by day, as a table</summary>
      <section className="table-scroll" aria-label="By day" tabIndex={0}>
        <table>
          <Head first="Day (UTC)" />
          <tbody>
            {days.toReversed().map((day) => (
              <tr key={day.day}>
                <th scope="row" className="number">
                  {day.day}
                </th>
                <Cells sums={day} />
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  )
}
