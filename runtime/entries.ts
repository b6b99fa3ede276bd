/** What trees and indexes hold, as git lists it with `-z`. Pure. */

/** A file, a link or a submodule, in the words of `git update-index --index-info`: `100644 <id>`. */
export type Entry = string

/** `git ls-tree -z` → entries by path; folders are left out. */
export function readTreeEntries(output: string): Map<string, Entry> {
  return read(output, /^(1\d{5}) (?:blob|commit) ([0-9a-f]+)\t(.*)$/s)
}

/** `git ls-files --stage -z` → entries by path; of a conflict the last side. */
export function readIndexEntries(output: string): Map<string, Entry> {
  return read(output, /^(1\d{5}) ([0-9a-f]+) \d\t(.*)$/s)
}

function read(output: string, line: RegExp): Map<string, Entry> {
  const found = new Map<string, Entry>()
  for (const one of output.split('\0')) {
    const [, mode, id, path] = line.exec(one) ?? []
    if (path !== undefined) found.set(path, `${mode} ${id}`)
  }
  return found
}

/** `git diff-tree -r -z --raw --no-abbrev` of two trees → the second's entries by path; undefined where it has none. */
export function readChanges(output: string): Map<string, Entry | undefined> {
  const found = new Map<string, Entry | undefined>()
  const fields = output.split('\0')
  for (let n = 0; n + 1 < fields.length; n += 2) {
    const [, mode = '', , id = ''] = (fields[n] ?? '').split(' ')
    found.set(fields[n + 1] ?? '', mode === '000000' ? undefined : `${mode} ${id}`)
  }
  return found
}

/** Input for `git update-index -z --index-info`: what is undefined is removed. `id` is any of the repository's. */
export function writeIndexInfo(
  entries: Iterable<readonly [path: string, entry: Entry | undefined]>,
  id: string,
): string {
  const none = `0 ${'0'.repeat(id.length)}`
  return [...entries].map(([path, entry]) => `${entry ?? none}\t${path}\0`).join('')
}
