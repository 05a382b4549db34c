/** One living line at the bottom of a terminal, with lasting lines above it; in a file, a living line now and then. */
export interface Screen {
  /** A line that stays. */
  say(text: string): void;
  /** The living line: replaces the one before. */
  show(text: string): void;
  done(): void;
}

/** Where there is no terminal, at most one living line in this time. */
const QUIET_MS = 10_000;

export function createScreen(out: NodeJS.WriteStream): Screen {
  let living = false;
  let lastShown = Number.NEGATIVE_INFINITY;
  const clear = () => {
    if (living) out.write('\r\x1b[2K');
    living = false;
  };
  return {
    say(text) {
      clear();
      out.write(`${text}\n`);
    },
    show(text) {
      if (!out.isTTY) {
        if (performance.now() - lastShown < QUIET_MS) return;
        lastShown = performance.now();
        out.write(`${text}\n`);
        return;
      }
      clear();
      out.write(text.slice(0, Math.max(20, (out.columns || 100) - 1)));
      living = true;
    },
    done() {
      if (living) out.write('\n');
      living = false;
    },
  };
}
