import { isInvisible } from './invisible.ts'

/** Where an entity that begins at `at` ends, if it stands for a character that is not seen. */
export function invisibleEntityEnd(text: string, at: number): number | undefined {
  const entity = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,31}));/iy
  entity.lastIndex = at
  const [, decimal, hex, name = ''] = entity.exec(text) ?? []
  const number = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
  const unseen = number <= 0x10ffff ? isInvisible(String.fromCodePoint(number)) : INVISIBLE.has(name)
  return unseen ? entity.lastIndex : undefined
}

/** https://html.spec.whatwg.org/entities.json, the names of characters that are not seen. */
const INVISIBLE = new Set(
  'shy zwj zwnj lrm rlm NoBreak ApplyFunction af InvisibleTimes it InvisibleComma ic ZeroWidthSpace NegativeVeryThinSpace NegativeThinSpace NegativeMediumSpace NegativeThickSpace'.split(
    ' ',
  ),
)
