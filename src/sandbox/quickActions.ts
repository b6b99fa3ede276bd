import { fromMarkdown } from 'mdast-util-from-markdown'

/** One quick action of a comment: `/label ~bug` → `{name: 'label', args: '~bug'}`. */
export type QuickAction = { readonly name: string; readonly args: string }

/** GitLab's own commands. Any other `/word` is plain text. */
const known = new Set(
  `approve assign assign_reviewer award board_move checkin_reminder clear_health_status clear_weight clone close confidential
  convert_to_ticket copy_metadata cc create_merge_request done draft due duplicate epic estimate estimate_time health_status
  invite_email iteration label labels link lock merge milestone move page parent promote promote_to promote_to_incident publish
  react ready reassign reassign_reviewer rebase relabel relate remove_child remove_contacts remove_due_date remove_email
  remove_epic remove_estimate remove_iteration remove_label remove_milestone remove_parent remove_time_spent remove_time_estimate
  remove_zoom reopen request_changes request_review react requeue run_pipeline set_parent severity ship spend spend_time spent
  status submit_review subscribe tag target_branch time timeline title todo type unapprove unassign unassign_reviewer unlabel
  unlink unlock unsubscribe weight work_in_progress zoom add_child add_contacts add_email blocked_by blocks`.split(
    /\s+/,
  ),
)

/**
 * Takes GitLab's quick actions out of a text: lines of its own paragraphs that begin with a known command. Code, quotes and
 * HTML keep theirs. Carriage returns are deleted and blanks at the end too (gitlab.md §3.2).
 */
export function extractQuickActions(body: string): {
  readonly text: string
  readonly commands: readonly QuickAction[]
} {
  const lines = body.replaceAll('\r', '').split('\n')
  const commands: QuickAction[] = []
  const taken = new Set<number>()
  for (const block of fromMarkdown(lines.join('\n')).children) {
    if (block.type !== 'paragraph' || block.position === undefined) continue
    const code = block.children.filter((child) => child.type === 'inlineCode')
    for (let line = block.position.start.line; line <= block.position.end.line; line += 1) {
      const inCode = code.some(
        ({ position }) => position !== undefined && position.start.line < line && line <= position.end.line,
      )
      const command = inCode ? undefined : commandOf(lines[line - 1] ?? '')
      if (command === undefined) continue
      commands.push(command)
      taken.add(line - 1)
    }
  }
  return {
    text: lines
      .filter((_, index) => !taken.has(index))
      .join('\n')
      .trimEnd(),
    commands,
  }
}

function commandOf(line: string): QuickAction | undefined {
  const [, name = '', args = ''] = /^\/(\w+)(?:[ \t]+(.*?))?[ \t]*$/.exec(line) ?? []
  return known.has(name.toLowerCase()) ? { name: name.toLowerCase(), args } : undefined
}
