/** What the http room needs of the rest of the house; the page passes what fits. */
import type { AgentCommand, AgentId } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { FastifyBaseLogger } from 'fastify';
import type { ObjectStore } from '../frame.ts';
import type {
  CommandRecords,
  FrameRecords,
  JobRecords,
  PeopleRecords,
  PlaceRecords,
  Records,
  VideoRecords,
} from '../ports.ts';
import type { Metrics } from './metrics.ts';
import type { People } from './people.ts';

export type HttpRecords = PlaceRecords &
  FrameRecords &
  Omit<VideoRecords, 'videoPlan' | 'videoProgressed' | 'videoReady' | 'videoFailed'> &
  CommandRecords &
  PeopleRecords &
  Pick<JobRecords, 'jobs' | 'retryJob' | 'jobCounts'> &
  Pick<Records, 'totals'>;

/** A connection of somebody who looks on, and the verb that serves it (the feed room's). */
export interface FeedViewer {
  after: number | null;
  topics: readonly string[];
  sink: { write(text: string): number; drained(signal: AbortSignal): Promise<void> };
  stillAllowed: () => Promise<boolean>;
}
export type ServeFeed = (viewer: FeedViewer, signal: AbortSignal) => Promise<string>;

/** The directory store's door for signed uploads; never throws. */
export type ReceiveUpload = (upload: {
  key: string;
  query: Readonly<Record<string, unknown>>;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: AsyncIterable<Uint8Array>;
}) => Promise<{ status: 201 } | { status: number; code: string; detail: string; hint: string }>;

/** A part of the house, and whether it can do its work. */
export interface PartState {
  part: string;
  ready: boolean;
  detail: string;
}

export interface ServerDeps {
  records: HttpRecords;
  people: People;
  objects: Pick<ObjectStore, 'read' | 'stat' | 'remove'>;
  /** null: uploads go elsewhere (S3). */
  receiveUpload: ReceiveUpload | null;
  serveFeed: ServeFeed;
  /** Resolves when the broker has the command. @throws Failure `broker.unreachable` */
  sendCommand: (agent: AgentId, command: AgentCommand) => Promise<void>;
  /** What agents are told to dial. */
  brokerUrl: () => string;
  readiness: () => Promise<PartState[]>;
  metrics: Metrics;
  clock: Clock;
  log: FastifyBaseLogger;
}

export interface ServerOptions {
  version: string;
  minIntervalMs: number;
  /** The address under which people and agents reach this server; null: the one it listens on. */
  publicUrl: string | null;
  /** The built dashboard; the folder may be missing. */
  dashboardFolder: string;
  metricsOpen: boolean;
  /** A connection on which nothing moves for so long is closed, ms; two minutes where nothing is said. */
  mostIdleMs?: number;
  /** Addresses or networks of proxies whose `X-Forwarded-*` headers are believed. */
  trustedProxies: readonly string[];
}
