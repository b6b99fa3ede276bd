import fc from 'fast-check'
import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { expect, test } from 'vitest'
import { visible } from '../../src/tasks/visible.ts'

const STAYS: readonly (readonly [what: string, text: string])[] = [
  ['plain words', 'Fix the **typo** in `README.md`, see #12 and !34, ask @dora.'],
  ['code with what would be hidden elsewhere', '```html\n<!-- header -->\n<img alt="x" src="y">\n```'],
  ['a tilde fence', '~~~\n<!-- x -->\n~~~'],
  ['a fence that never ends', '```\n<!-- x -->'],
  ['code in an item of a list', '- do this:\n\n  ```html\n  <!-- x -->\n  ```\n- then that'],
  ['code that begins an item', '- ```html\n  <!-- x -->\n  ```'],
  ['code in a nested list', '1. one\n   - two\n\n     ```vue\n     <!-- x -->\n     <b title="y">\n     ```'],
  ['code in a quote', '> ```\n> <!-- x -->\n> ```'],
  ['code in a line', 'Replace `<!-- header -->` with `<img alt="logo">` there.'],
  ['code in a table', '| a | b |\n|-|-|\n| `<!-- x -->` | `<b title="y">` |'],
  ['code below a comment of one line', '```html\n<!-- x -->\n```\n\ntext `<!-- y -->`'],
  ['a suggestion', '```suggestion:-0+2\nx\n```'],
  ['signs that are no tags', 'a < b, x<y and 1 <5, Map<String, Foo>, a <- b, <3'],
  ['what begins like a comment and has no end', 'an arrow <!-- like this\n\nand more'],
  ['an address in angle brackets', 'see <https://example.com/a?b=c> and <dora@example.com>'],
  ['links', '[a page](https://example.com/a_(b)) and ![](logo.png)'],
  ['an exclamation mark before a bracket', 'Wow![1] and ![not a picture] here'],
  ['a definition that is used', 'see [the docs][d]\n\n[d]: https://example.com'],
  ['a footnote that is used', 'see[^1]\n\n[^1]: the note'],
  ['a folded part', '<details>\n<summary>Log</summary>\n\nboom\n\n</details>'],
  ['tags without attributes', 'press <kbd>x</kbd><br/>H<sub>2</sub>O<br />'],
  ['escaped characters', '\\<!-- seen --> and \\![seen](x)'],
  ['lists, tables and tasks', '- [ ] one\n- [x] two\n\n| a |\n|---|\n| b |'],
  ['emoji', '👩‍👩‍👧‍👦 ❤️ 👍🏽 🏳️‍🌈 1️⃣ #️⃣ 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇩🇪 ☎︎ 🧑🏽‍💻'],
  ['Arabic and Hebrew', 'أصلح الخطأ في README ثم اختبره. תקן את השגיאה'],
  ['Persian, whose words need the non-joiner', 'می‌خواهم'],
  ['Hindi and Sinhala, whose letters need the joiner', 'क्‍ष ශ්‍රී'],
  ['Chinese, Japanese, Korean', '修正拼写错误。誤字を直す。오타를 고쳐 주세요.'],
  ['entities that are seen', 'a &amp; b &lt; c &#65; &copy;'],
]
test.each(STAYS)('stays: %s', (_, text) => expect(visible(text)).toEqual({ text, hidden: 0 }))

const HIDDEN: readonly (readonly [what: string, text: string, seen: string])[] = [
  ['a comment', 'a <!-- hidden -->b', 'a b'],
  ['a comment over lines', 'a\n<!--\nhidden\n\nhidden\n-->\nb', 'a\n\nb'],
  ['a comment that never ends', 'a\n\n<!-- hidden\n\nhidden', 'a\n\n'],
  ['a comment in a quote', '> <!-- hidden -->\n> a', '> \n> a'],
  ['a comment in a list', '- <!-- hidden -->a', '- a'],
  ['a comment in another', '<!-- hidden <!-- hidden --> a', ' a'],
  ['an empty comment', 'a <!--> b', 'a  b'],
  ['a declaration', 'a <!DOCTYPE hidden> b', 'a  b'],
  ['a processing instruction', 'a <?hidden hidden?> b', 'a  b'],
  ['character data', '<![CDATA[hidden]]>', ''],
  ['a script', 'a <script>hidden</script> b', 'a  b'],
  ['a style that never ends', 'a\n\n<style>\nhidden\n\nhidden', 'a\n\n'],
  ['an attribute', 'press <kbd title="hidden" data-x=\'hidden\'>x</kbd>', 'press <kbd>x</kbd>'],
  ['an attribute over lines', '<b title="hidden\nhidden">x</b>', '<b>x</b>'],
  ['a folded part with an attribute', '<details open title="hidden">\n\na\n</details>', '<details>\n\na\n</details>'],
  [
    'where a link leads stays',
    '<a href="https://example.com" title="hidden">x</a>',
    '<a href="https://example.com">x</a>',
  ],
  ['data as an address', '<img src="data:hidden" alt="hidden">', '<img>'],
  ['a tag with a name of its own', 'a <hidden-words-are-here> b', 'a  b'],
  ['a value that goes on behind a blank line', '<div title="\n\nhidden\n\n<div ">\nhidden', ''],
  ['a tag that its block ends', '<div hidden\n\na <b>b</b>', '\n\na <b>b</b>'],
  ['a tag that never ends', '<div title="hidden\n\nhidden', ''],
  ['the text of a picture', '![hidden](logo.png)', '![](logo.png)'],
  ['the text of a picture, with brackets', '![hidden [hidden](x) hidden](logo.png)', '![](logo.png)'],
  ['the text of a picture, with code', '![hidden ` ] ` hidden](logo.png)', '![](logo.png)'],
  ['the text of a picture by a label', '![hidden][logo]\n\n[logo]: logo.png', '![][logo]\n\n[logo]: logo.png'],
  ['the text of a picture that is the label', '![logo]\n\n[logo]: logo.png', '![]\n\n[logo]: logo.png'],
  ['the title of a link', '[a](x "hidden")', '[a](x)'],
  ['the title of a link, single quotes', "[a](x 'hidden \\' hidden')", '[a](x)'],
  ['the title of a link, over lines', '[a](x\n"hidden\nhidden")', '[a](x)'],
  ['the title of a picture', '![](x (hidden))', '![](x)'],
  ['words as an address', '[a](<hidden or not>)', '[a]()'],
  ['a definition that nothing uses', 'a\n\n[//]: # (hidden)\n\nb', 'a\n\n\n\nb'],
  ['another one', '[hidden]: <>', ''],
  ['one with the title on the next line', '[hidden]: #\n"hidden"\n\na', '\n\na'],
  ['one in a quote', '> [//]: # "hidden"', '> '],
  ['the title of one that is used', '[d]\n\n[d]: x "hidden"', '[d]\n\n[d]: x'],
  ['a footnote that nothing uses', '[^x]: hidden\n\n    hidden\n\na', '\n\na'],
  ['words behind the language of a fence', '```js hidden words\nx\n```', '```js\nx\n```'],
  ['a comment in a diagram', '```mermaid\ngraph TD\n%% hidden\nA-->B\n```', '```mermaid\ngraph TD\n\nA-->B\n```'],
  ['entities of invisible characters', 'a&#8203;b&#x200B;c&zwj;d&#xE0041;', 'abcd'],
]
test.each(HIDDEN)('hidden: %s', (_, text, seen) => {
  const { text: shown, hidden } = visible(text)
  expect(shown).toBe(seen)
  expect(hidden).toBe([...text].length - [...seen].length)
})

/** Each makes code of something, or seems to, so that the comment in it might be taken for code. */
const NOT_CODE: readonly (readonly [what: string, text: string])[] = [
  ['a fence inside a comment', '<!--\n```\n-->\n<!-- hidden -->'],
  ['a fence inside a block of HTML', '<div>\n```\n<!-- hidden -->\n```\n</div>'],
  ['a fence inside pre, behind a blank line', '<pre>\n\n```\n<!-- hidden -->\n```\n</pre>'],
  ['a tag that looks like a block', 'a\n<foo>\n```\ncode\n\n```\n<!-- hidden -->'],
  ['a fence in a quote ends with it', '> ```\n<!-- hidden -->\n> ```'],
  ['a fence in a list ends with it', '- ```\n<!-- hidden -->\n  ```'],
  ['a fence that is pushed in', '- a\n\n  ```\n<!-- hidden -->\n  ```'],
  ['one whose text is further left', '  ```\ncode\n  ```\n  <!-- hidden -->\n  ```'],
  ['one with a tab', '- ```\n\tcode\n  ```\n  <!-- hidden -->\n  ```'],
  ['one in a quote with a tab', '> ```\n>\t```\n> <!-- hidden -->\n> ```'],
  ['a list that is none', 'a\n2. ```\n   b ``` <!-- hidden -->\n   ```'],
  ['a paragraph that goes on', 'a\n    ```\n    b ``` <!-- hidden -->\n    ```'],
  ['a shorter fence', '````\n```\n````\n<!-- hidden -->\n```'],
  ['front matter', '---\n```\n---\n<!-- hidden -->\n```'],
  ['backticks of two lines', '`a\nb` <!-- hidden --> `c`'],
  ['backticks of two cells', '| a | b | c |\n|-|-|-|\n| ` | <!-- hidden --> | ` |'],
  ['cells of one line, paired', '| a ` b | ` <!-- hidden --> ` |\n|-|-|'],
  ['an escaped backtick', '\\` <!-- hidden --> `'],
  ['a backtick in a tag', '<a href="`"> <!-- hidden --> `'],
  ['a backtick in an address', '<https://a`b> <!-- hidden --> `'],
  ['backticks inside a block of HTML', '<div>\n`<!-- hidden -->`\n</div>'],
  ['backticks behind a comment', '<!-- a --> `<!-- hidden -->`'],
  ['runs of different length', '`` a ` b\n`` <!-- hidden --> `'],
  ['a tag that swallows the opening', '<div title="\n\n```\n\n"><!-- hidden -->'],
]
test.each(NOT_CODE)('not taken for code: %s', (_, text) => {
  expect(visible(text).text).not.toContain('hidden')
  expect(visible(text).hidden).toBeGreaterThan(5)
})

test('a member may leave out a name in angle brackets', () => {
  const text = 'add a route /users/<id> and <project name>, not <b x="hidden">'
  expect(visible(text, true).text).toBe('add a route /users/<id> and <project name>, not <b>')
  expect(visible(text).text).toBe('add a route /users/ and , not <b>')
})

const INVISIBLE: readonly (readonly [what: string, text: string, seen: string])[] = [
  ['zero widths', 'a\u200bb\u200cc\u200dd\u2060e\ufefff', 'abcdef'],
  ['directions', 'a\u202eb\u2066c\u200ed\u061ce', 'abcde'],
  [
    'tags',
    `a${[...'push to main'].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('')}b`,
    'ab',
  ],
  ['tags behind a flag', '🏴\u{E0061}\u{E0062}\u{E007F}', '🏴'],
  ['variation selectors as data', 'a\ufe00\ufe01\u{E0100}\u{E01EF}b', 'ab'],
  ['more of them behind an emoji', '😀\ufe0f\ufe0f\ufe01', '😀'],
  ['joiners without emoji', 'a\u200db👍\u200d', 'ab👍'],
  ['fillers', 'a\u3164b\u115fc\uffa0d\u034fe', 'abcde'],
  ['soft hyphens and control characters', 'a\u00adb\u0007c\u001b[31md\u0000e', 'abc[31mde'],
  ['in code too', '`a\u200bb`\n\n```\nc\u200bd\n```', '`ab`\n\n```\ncd\n```'],
  ['half of a pair', 'a\ud800b', 'a\ufffdb'],
  ['line ends', 'a\r\nb\rc\u2028d', 'a\nb\nc\nd'],
  ['a comment that is cut by one', '<!\u200b-- hidden -->a', 'a'],
]
test.each(INVISIBLE)('invisible: %s', (_, text, seen) => expect(visible(text).text).toBe(seen))

test('what is counted is what is missing', () => {
  expect(visible('a\u200b<!-- 😀 -->b')).toEqual({ text: 'ab', hidden: 11 })
})

test('whatever the text: nothing invisible is left, and what is left was there in this order', () => {
  const words = fc.constantFrom(
    ...[
      '<!--',
      '-->',
      '<div>',
      '<b title="',
      '">',
      "'",
      '"',
      '```',
      '~~~',
      '`',
      '``',
      '![',
      '[',
      ']',
      '](',
      ')',
      ']:',
      ' ',
    ],
    ...[
      '\n',
      '\n\n',
      '    ',
      '- ',
      '> ',
      '1. ',
      '|',
      '\\',
      '&#8203;',
      '\u200b',
      '\u{E0041}',
      '👩',
      '\u200d',
      'a',
      '<script',
      '>',
    ],
    ...['<?', '?>', '<![CDATA[', '[^x]: ', '\t', '<pre>', '</pre>', '---\n', '<'],
  )
  fc.assert(
    fc.property(fc.array(words, { maxLength: 30 }), (parts) => {
      const text = parts.join('')
      const { text: shown, hidden } = visible(text)
      expect(shown).not.toMatch(/[\u200b\u{E0041}]/u)
      expect(hidden).toBeGreaterThanOrEqual(0)
      let at = 0
      for (const letter of shown) {
        at = text.indexOf(letter, at) + 1
        expect(at).toBeGreaterThan(0)
      }
    }),
    { numRuns: 3000 },
  )
})

test('what the Markdown parser takes for hidden is taken out, however it is nested', () => {
  const words = fc.constantFrom(
    ...[
      'a',
      ' ',
      '\n',
      '\n\n',
      '  ',
      '    ',
      '\t',
      '- ',
      '* ',
      '> ',
      '1. ',
      '2. ',
      '# ',
      '---',
      '|',
      '\\',
      '```',
      '```js',
      '~~~',
    ],
    ...[
      '````',
      '`',
      '``',
      '<div>',
      '</div>',
      '<pre>',
      '</pre>',
      '<b>',
      '<b title="',
      '">',
      '"',
      '>',
      '<foo>',
      '<https://x',
      '<!--',
    ],
    ...['-->', '[', ']', '](', ')', '![', ']: ', '[x]: y "', '<!-- hidden -->', '![hidden](x)', '[a](x "hidden")'],
    ...['<b title="hidden">', '[q]: # "hidden"'],
  )
  fc.assert(
    fc.property(fc.array(words, { maxLength: 14 }), (parts) => {
      const text = parts.join('')
      const seen = count(text) - hiddenIn(fromMarkdown(text))
      expect(count(visible(text).text)).toBeLessThanOrEqual(seen)
    }),
    { numRuns: 5000 },
  )
})

function count(text: string | null | undefined): number {
  return (text ?? '').split('hidden').length - 1
}

/** How often the word stands where a page does not show it. */
function hiddenIn(node: Nodes): number {
  switch (node.type) {
    case 'html':
      return count(node.value.match(/<!--(?!>|->).*?(?:-->|$)|<[a-z][^<>]*>/gis)?.join(' '))
    case 'image':
      return count(node.alt) + count(node.title)
    case 'definition':
      return count(node.title)
    default: {
      const title = node.type === 'link' ? count(node.title) : 0
      return 'children' in node ? node.children.reduce((sum, child) => sum + hiddenIn(child), title) : 0
    }
  }
}

const MANY = 50_000
test.each([
  ['open comments', '<!--'.repeat(MANY)],
  ['open comments in paragraphs', 'a <!-- '.repeat(MANY)],
  ['open tags', '<a b="'.repeat(MANY)],
  ['open tags in a block', `<div>${'<a b='.repeat(MANY)}`],
  ['tags in tags', '<a'.repeat(MANY)],
  ['one tag of many attributes', `<a ${'b '.repeat(MANY)}`],
  ['open scripts', 'a <script>'.repeat(MANY)],
  ['scripts with one end', `${'<svg>'.repeat(MANY)}</svg>`],
  ['open pictures', '!['.repeat(MANY)],
  ['open pictures with code', '![`'.repeat(MANY)],
  ['brackets', '['.repeat(MANY)],
  ['open titles', '](a ('.repeat(MANY)],
  ['open titles with one end', `${'](a ('.repeat(MANY)})`],
  ['escaped titles', `](a "${'\\"'.repeat(MANY)}`],
  ['definitions', '[a]: b "\n'.repeat(MANY)],
  ['footnotes', `${'[^a]: x\n'.repeat(MANY)}${'    y\n'.repeat(MANY)}`],
  ['backticks', '`a``b'.repeat(MANY)],
  ['runs of one length', '`a'.repeat(MANY)],
  ['fences', '```\n'.repeat(MANY)],
  ['fences in lists', '- ```\n'.repeat(MANY)],
  ['pushed in fences', '  ```\n   ~~~\n'.repeat(MANY)],
  ['quotes', '> '.repeat(MANY)],
  ['blank lines', ' \n'.repeat(MANY)],
  ['spaces', `<a${' '.repeat(MANY)}`],
  ['ampersands', '&#'.repeat(MANY)],
  ['invisible characters', 'a\u200b'.repeat(MANY)],
  ['emoji', '👩\u200d'.repeat(MANY)],
  ['backslashes', `${'\\'.repeat(MANY)}<!-- a -->`],
  ['a fence of backticks', '`'.repeat(MANY)],
])('hostile text is read to its end: %s', (_, text) => {
  const began = performance.now()
  visible(text)
  expect(performance.now() - began).toBeLessThan(5000)
})
