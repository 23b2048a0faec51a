import { type ContractRecord, errorKinds } from '@plinth/contract'
import { errorCodes } from '../pages/docs.ts'

const example = (code: string, title: string, status: number, detail: string): string =>
  JSON.stringify({
    type: `/docs/errors#${code}`,
    title,
    status,
    detail,
    code,
    requestId: '6d9e7c1a-3f52-4f0b-9a55-0c8f6e2d1b47',
  })

/** The reference of all error codes, from the contract. */
export const errorsText = (contract: ContractRecord): string => {
  const sections = [...errorCodes(contract)].map(([code, { spec, procedures }]) => {
    const { status, title } = errorKinds[spec.kind]
    const by = procedures.length === 0 ? 'any procedure' : procedures.map((name) => `\`${name}\``).join(', ')
    return `## ${code}

${status} ${title}. ${spec.message}

Answered by ${by}.

\`\`\`json
${example(code, title, status, spec.message)}
\`\`\`
`
  })
  return `# Error codes

Made from the contract by \`npm run docs\`; do not edit.

Over REST an error is problem JSON (RFC 9457) with \`code\`, \`requestId\` and, for bad input, \`errors\` with the path
and the message of each field. Over tRPC the same fields stand under \`error.data\`. Codes never change their meaning.

${sections.join('\n')}`
}
