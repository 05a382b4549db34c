/** The slots of a timelapse as a file, a piece at a time, so that a million of them need no memory. Pure. */
import type { SlotOutcome } from '../ports-ledger.ts';

type Portions = AsyncIterable<readonly SlotOutcome[]>;

/** A table as RFC 4180 has it, with its names in the first line. */
export async function* slotsAsCsv(portions: Portions): AsyncGenerator<string, void> {
  yield 'due,due_ms,outcome,reason\r\n';
  for await (const slots of portions) {
    let text = '';
    for (const { dueAt, outcome, reason } of slots)
      text += `${new Date(dueAt).toISOString()},${dueAt},${outcome},${reason === null ? '' : cell(reason)}\r\n`;
    if (text !== '') yield text;
  }
}

/** One array of `{dueAt, outcome, reason}`. */
export async function* slotsAsJson(portions: Portions): AsyncGenerator<string, void> {
  let before = '[\n';
  for await (const slots of portions) {
    let text = '';
    for (const { dueAt, outcome, reason } of slots) {
      text += before + JSON.stringify({ dueAt, outcome, reason });
      before = ',\n';
    }
    if (text !== '') yield text;
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

/** A spreadsheet takes a cell that begins like a formula for one: such a text gets an apostrophe first. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
