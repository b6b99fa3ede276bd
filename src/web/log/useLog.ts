import { useSyncExternalStore } from 'react'
import type { LogBytes } from './logBytes.ts'

/** The log, drawn anew when more of it is here. */
export function useLog(log: LogBytes): { readonly rows: number; readonly size: number; readonly version: number } {
  const version = useSyncExternalStore(log.subscribe, log.version)
  return { rows: log.rows, size: log.size, version }
}
