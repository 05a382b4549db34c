import type { Log } from '@slowlight/control-plane/src/frame.ts';

export interface QuietLog extends Log {
  /** What was said, in order. */
  lines: { level: 'info' | 'warn' | 'error'; sentence: string; fields: object }[];
}

/** Keeps what is logged instead of printing it, so that a test can ask. */
export function createQuietLog(): QuietLog {
  const lines: QuietLog['lines'] = [];
  const at = (level: 'info' | 'warn' | 'error') => (fields: object, sentence: string) => {
    lines.push({ level, sentence, fields });
  };
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}
