import type { SendTestResult } from '@slowlight/protocol';
import { FormProblem } from '../parts/field.tsx';
import { words } from '../words.ts';

/** What came of a test message: taken, or what was in the way and what to do. */
export function TestOutcome({ result }: { result: SendTestResult | null }) {
  if (result === null) return null;
  if (result.kind === 'sent') return <p role="status">{words.alarmChannels.sent}</p>;
  const { message, hint } = result;
  return <FormProblem fault={{ message: `${words.alarmChannels.failed} ${message}`, hint }} />;
}
