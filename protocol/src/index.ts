/** The language that agent and control plane speak. This is its front door; `kit/index.ts` is the other one. */
export * from './api.ts';
export * from './api-operations.ts';
export * from './camera.ts';
export * from './downlink.ts';
export * from './envelope.ts';
export * from './events.ts';
export * from './feed.ts';
export * from './ids.ts';
export * from './object-keys.ts';
export * from './outcome.ts';
export * from './primitives.ts';
export * from './schedule.ts';
export * from './slots.ts';
export * from './status.ts';
export * from './topics.ts';
export * from './verdict.ts';
