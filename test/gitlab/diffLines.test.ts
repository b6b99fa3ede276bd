import { expect, test } from 'vitest'
import { linesOf } from '../../src/gitlab/diffLines.ts'

const DIFF = `@@ -1,4 +1,5 @@
 one
-two
+zwei
+drei
 three
 four
@@ -40,3 +41,3 @@
 forty
-old
+new
 last
`
const FILE = { old_path: 'src/a.ts', new_path: 'src/a.ts', diff: DIFF }
const at = (position: object) =>
  linesOf({ position_type: 'text', old_path: 'src/a.ts', new_path: 'src/a.ts', ...position }, [FILE])

test('a line that was added, with the diff around it', () => {
  expect(at({ new_line: 3 })).toEqual({
    path: 'src/a.ts',
    side: 'new',
    from: 3,
    to: 3,
    hunk: ' one\n-two\n+zwei\n+drei\n three\n four',
  })
})
test('a line that was taken away', () => {
  expect(at({ old_line: 41 })).toMatchObject({ side: 'old', from: 41, to: 41, hunk: ' forty\n-old\n+new\n last' })
})
test('several lines', () => {
  expect(at({ new_line: 3, line_range: { start: { new_line: 2 }, end: { new_line: 3 } } })).toMatchObject({
    from: 2,
    to: 3,
  })
})
test('a file that the diff has no longer', () => {
  expect(linesOf({ new_path: 'gone.ts', new_line: 3 }, [FILE])).toEqual({
    path: 'gone.ts',
    side: 'new',
    from: 3,
    to: 3,
    hunk: '',
  })
})
test('an image has no lines', () => expect(at({ position_type: 'image' })).toBeUndefined())
