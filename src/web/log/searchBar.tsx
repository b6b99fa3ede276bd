import type { Ref } from 'react'
import type { Search } from './useSearch.ts'

/** Enter goes to the next match, Shift-Enter to the one before. */
export function SearchBar({ search, input }: { search: Search; input: Ref<HTMLInputElement> }) {
  const many = search.count > 1
  return (
    <search className="log-search">
      <span className="log-matches number" role="status">
        {told(search)}
      </span>
      <input
        ref={input}
        type="search"
        aria-label="Search the log"
        placeholder="Search the log"
        data-search=""
        spellCheck={false}
        autoCapitalize="none"
        maxLength={200}
        value={search.text}
        onChange={({ target }) => search.setText(target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') search.move(event.shiftKey ? -1 : 1)
          if (event.key === 'Escape') search.setText('')
        }}
      />
      <button
        type="button"
        className="button small"
        aria-label="Match before"
        disabled={!many}
        onClick={() => search.move(-1)}
      >
        ↑
      </button>
      <button
        type="button"
        className="button small"
        aria-label="Next match"
        disabled={!many}
        onClick={() => search.move(1)}
      >
        ↓
      </button>
    </search>
  )
}

function told({ state, count, place, more }: Search): string {
  switch (state) {
    case 'none':
      return ''
    case 'searching':
      return 'searching'
    case 'failed':
      return 'the search failed'
    case 'found':
      return count === 0 ? 'nothing found' : `${place + 1} of ${count}${more ? ' or more' : ''}`
  }
}
