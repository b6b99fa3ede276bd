/** `87 %`, or a dash where there was nothing to divide by. Pure. */
export function share(rate: number | null): string {
  return rate === null ? '–' : `${Math.round(rate * 100)} %`
}
