/** What both programs are built with, and nothing that they speak about. */
export * from './backoff.ts';
export * from './clock.ts';
export * from './closing.ts';
export * from './durable-file.ts';
export * from './failure.ts';
export * from './input-end.ts';
export * from './loop.ts';
export * from './outbound.ts';
export { openOwnFolder } from './process-mark.ts';
export * from './pulse.ts';
export * from './run-program.ts';
export * from './seal.ts';
export * from './secret-box.ts';
