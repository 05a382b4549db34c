/** Asks for a password: on the terminal without showing it, else the first line of the input. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

export interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  /** Where the question is shown: not the output, which may be read by a program. */
  prompt: NodeJS.WritableStream;
}

export async function askPassword(question: string, { input, prompt }: Terminal): Promise<string> {
  const isTerminal = input.isTTY === true;
  // What is typed is echoed to nobody.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal: isTerminal });
  if (isTerminal) prompt.write(question);
  try {
    return await new Promise<string>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
    });
  } finally {
    lines.close();
    if (isTerminal) prompt.write('\n');
  }
}
