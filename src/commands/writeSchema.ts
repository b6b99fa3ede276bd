/** `npm run schema`: writes what docs/ has of the schemas: the JSON schema of `.gitlab/agent.yml`, which editors read, and the page of all settings. */

import { writeFileSync } from 'node:fs'
import { agentFileJsonSchema } from '../gitlab/projectFileSchema.ts'
import { configurePage } from './configurePage.ts'

const docs = new URL('../../docs/', import.meta.url)
writeFileSync(new URL('agent.yml.schema.json', docs), `${JSON.stringify(agentFileJsonSchema(), null, 2)}\n`)
writeFileSync(new URL('configure.md', docs), configurePage())
