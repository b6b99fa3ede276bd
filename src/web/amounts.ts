/** Times and money in words. Pure. */

/** `4 s`, `1 min 4 s`, `2 h 5 min`, `3 d 2 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return two(Math.floor(whole / 60), 'min', whole % 60, 's')
  if (whole < 86_400) return two(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min')
  return two(Math.floor(whole / 86_400), 'd', Math.floor((whole % 86_400) / 3600), 'h')
}

function two(big: number, unit: string, small: number, smaller: string): string {
  return small === 0 ? `${big} ${unit}` : `${big} ${unit} ${small} ${smaller}`
}

/** `just now`, `3 min ago`, `2 h ago`, `5 d ago`, then the date. */
export function ago(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1000)
  if (seconds < 10) return 'just now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  if (seconds < 7 * 86_400) return `${Math.floor(seconds / 86_400)} d ago`
  return new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' }).format(at)
}

/** US dollars; sums that would round to nothing keep a digit. */
export function dollars(amount: number): string {
  if (amount > 0 && amount < 0.01) return `$${Number(amount.toPrecision(1))}`
  return `$${amount.toFixed(2)}`
}

/** `1 line`, `12,345 lines`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** `512 B`, `64 kB`, `1.5 MB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`
  if (count < 1_000_000) return `${Math.round(count / 1000)} kB`
  return `${(count / 1_000_000).toFixed(1)} MB`
}
