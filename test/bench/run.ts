/**
 * `npm run bench -- <name>`: measures one thing and prints JSON lines {"bench","figure","value","unit"}. A bench answers a
 * question that an operator would ask; what was seen is written into RESULTS.md with machine, date and reference.
 */
import { readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';

export type Report = (figure: string, value: number, unit: string) => void;
export interface Bench {
  /** The question that it answers. */
  question: string;
  run(report: Report, args: readonly string[]): Promise<void>;
}

const folder = import.meta.dirname;
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length));
const load = async (name: string): Promise<Bench> => {
  const page = (await import(path.join(folder, `${name}.bench.ts`))) as { bench: Bench };
  return page.bench;
};

const [name, ...args] = process.argv.slice(2);
if (name === undefined || name === '--list' || !names.includes(name)) {
  if (name !== undefined && name !== '--list') console.error(`"${name}" is not a bench here.`);
  for (const each of names) console.log(`${each.padEnd(20)} ${(await load(each)).question}`);
  process.exit(name === '--list' ? 0 : 2);
}
const bench = await load(name);
console.error(
  `${bench.question} (${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version})`,
);
await bench.run((figure, value, unit) => {
  console.log(JSON.stringify({ bench: name, figure, value: Number(value.toPrecision(4)), unit }));
}, args);
process.exit(0);
