import type { Journal } from './journal.ts'

/** Whatever a table holds has a number that is never given twice, not even after a deletion or a restart. */
export type Row = { readonly id: number }

/** The rows of one kind, in the order of their ids. Rows are never changed in place. */
export type Table<T extends Row> = {
  get(id: number): T | undefined
  all(): T[]
  find(matches: (row: T) => boolean): T | undefined
  filter(matches: (row: T) => boolean): T[]
  insert(fields: Omit<T, 'id'>): T
  /** Changes a row that exists; throws when it does not, because nobody may hold on to a deleted row. */
  update(id: number, patch: Partial<Omit<T, 'id'>>): T
  delete(id: number): void
}

/** A table whose every change goes to the journal, and which begins with what the journal remembers, or with a first id. */
export function openTable<T extends Row>(name: string, journal: Journal, first = 1): Table<T> {
  const known = journal.remembered.get(name)
  // The journal holds only what this same table wrote, so the rows have its type.
  const rows = new Map<number, T>(known?.rows as Map<number, T> | undefined)
  let lastId = known?.lastId ?? first - 1
  const put = (row: T): T => {
    rows.set(row.id, row)
    journal.write(name, row.id, row)
    return row
  }
  return {
    get: (id) => rows.get(id),
    all: () => [...rows.values()],
    find: (matches) => rows.values().find(matches),
    filter: (matches) => [...rows.values().filter(matches)],
    insert: (fields) => {
      lastId += 1
      return put({ ...fields, id: lastId } as T)
    },
    update: (id, patch) => {
      const row = rows.get(id)
      if (row === undefined) throw new Error(`There is no row ${id} in the sandbox's table ${name}.`)
      return put({ ...row, ...patch })
    },
    delete: (id) => {
      if (rows.delete(id)) journal.write(name, id, null)
    },
  }
}
