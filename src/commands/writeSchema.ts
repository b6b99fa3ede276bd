/** `npm run schema`: writes the JSON schema of `.gitlab/agent.yml`, which editors read, from the schema that validates. */

import { writeFileSync } from 'node:fs'
import { agentFileJsonSchema } from '../gitlab/projectFileSchema.ts'

writeFileSync(
  new URL('../../docs/agent.yml.schema.json', import.meta.url),
  `${JSON.stringify(agentFileJsonSchema(), null, 2)}\n`,
)
