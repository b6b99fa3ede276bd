import sanitize from 'sanitize-html'
import { Html } from './pageHtml.ts'

const outward = 'noopener noreferrer nofollow'

/**
 * What may be in a comment, roughly what GitLab lets through: words and their markup, tables, folded parts, links over HTTP.
 * Everything else goes, comments and scripts with what is in them; tags are closed, so that nothing gets out of its place.
 */
export function safe(text: string): Html {
  return new Html(sanitize(text, rules))
}

const rules: sanitize.IOptions = {
  allowedTags: [
    ...[
      'h1',
      'h2',
      'h3',
      'h4',
      'h5',
      'h6',
      'p',
      'div',
      'blockquote',
      'pre',
      'hr',
      'br',
      'ul',
      'ol',
      'li',
      'dl',
      'dt',
      'dd',
    ],
    ...[
      'a',
      'b',
      'strong',
      'i',
      'em',
      'code',
      'del',
      's',
      'ins',
      'sub',
      'sup',
      'kbd',
      'samp',
      'var',
      'q',
      'abbr',
      'span',
    ],
    ...['table', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'details', 'summary', 'input'],
  ],
  allowedAttributes: {
    a: ['href', 'rel', 'class', 'title'],
    abbr: ['title'],
    code: ['class'],
    details: ['open'],
    input: [{ name: 'type', values: ['checkbox'] }, 'checked', 'disabled', 'aria-label'],
    li: ['class'],
    ol: ['start'],
    td: ['align', 'colspan', 'rowspan'],
    th: ['align', 'colspan', 'rowspan'],
  },
  allowedClasses: { a: ['reference'], code: ['language-*'], li: ['task'] },
  allowedSchemes: ['http', 'https'],
  allowProtocolRelative: false,
  transformTags: {
    a: (tagName, { href, class: kind, title }) => ({
      tagName,
      attribs: {
        ...(href === undefined ? {} : { href }),
        ...(title === undefined ? {} : { title }),
        ...(kind === undefined ? {} : { class: kind }),
        rel: outward,
      },
    }),
    // Nothing is loaded from elsewhere: a picture is a link to it.
    img: (_, { src, alt }) => ({
      tagName: 'a',
      attribs: { ...(src === undefined ? {} : { href: src }), rel: outward },
      text: `🖼 ${alt === undefined || alt === '' ? 'picture' : alt}`,
    }),
    input: (tagName, { type = '', checked }) => ({
      tagName,
      attribs: {
        type,
        disabled: '',
        ...(checked === undefined ? { 'aria-label': 'to do' } : { checked: '', 'aria-label': 'done' }),
      },
    }),
    // The parser writes styles, which the page's policy does not allow.
    td: aligned,
    th: aligned,
  },
  exclusiveFilter: ({ tag, attribs }) => tag === 'input' && attribs.type !== 'checkbox',
}

function aligned(tagName: string, { style, ...attribs }: sanitize.Attributes): sanitize.Tag {
  const align = /^text-align:(left|center|right)$/.exec(style ?? '')?.[1]
  return { tagName, attribs: { ...attribs, ...(align === undefined ? {} : { align }) } }
}
