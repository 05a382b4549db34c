/** What people do, each as one request; and the hook that gives every one of them feedback at once. */
import type {
  AgentInput,
  AgentView,
  CameraChange,
  CameraId,
  CameraInput,
  JobId,
  Shape,
  SiteId,
  SiteInput,
  TimelapseChange,
  TimelapseId,
  TimelapseInput,
  TokenId,
  TokenView,
  VideoId,
  VideoInput,
} from '@slowlight/protocol';
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { sayDone, sayFault } from '../parts/toasts.tsx';
import { words } from '../words.ts';
import { patchAgentsById, postAgents } from './api/agents.ts';
import { deleteCamerasById, patchCamerasById, postCameras } from './api/cameras.ts';
import {
  postAgentsByIdBacklog,
  postAgentsByIdLogLevel,
  postAgentsByIdQuarantineRetry,
  postAgentsByIdRestart,
  postCamerasByIdCapture,
  postCamerasByIdTest,
  postCamerasByIdTestShot,
} from './api/commands.ts';
import { postJobsByIdRetry } from './api/jobs.ts';
import { deleteSession, postSession, postSessionPassword } from './api/session.ts';
import { patchSitesById, postSites } from './api/sites.ts';
import {
  patchTimelapsesById,
  postTimelapses,
  postTimelapsesByIdComplete,
  postTimelapsesByIdPause,
  postTimelapsesByIdResume,
} from './api/timelapses.ts';
import { deleteTokensById, postTokens } from './api/tokens.ts';
import { deleteVideosById, postVideos, postVideosByIdCancel } from './api/videos.ts';
import type { Foretaste } from './foretaste.ts';
import { isServerFault, type ServerFault } from './request.ts';

const MOVES = {
  pause: postTimelapsesByIdPause,
  resume: postTimelapsesByIdResume,
  complete: postTimelapsesByIdComplete,
};

export const actions = {
  logIn: (input: { name: string; password: string }) => postSession({ body: input }),
  logOut: () => deleteSession(),
  changePassword: (input: { current: string; next: string }) => postSessionPassword({ body: input }),
  createSite: (input: SiteInput) => postSites({ body: input }),
  changeSite: ({ id, ...change }: Partial<SiteInput> & { id: SiteId }) => patchSitesById({ id, body: change }),
  createAgent: (input: AgentInput) => postAgents({ body: input }),
  renameAgent: ({ id, name }: { id: AgentView['id']; name: string }) => patchAgentsById({ id, body: { name } }),
  limitAgent: ({ id, delivery }: Pick<AgentView, 'id' | 'delivery'>) => patchAgentsById({ id, body: { delivery } }),
  createCamera: (input: CameraInput) => postCameras({ body: input }),
  changeCamera: ({ id, change }: { id: CameraId; change: CameraChange }) => patchCamerasById({ id, body: change }),
  deleteCamera: (id: CameraId) => deleteCamerasById({ id }),
  captureNow: ({ id, force }: { id: CameraId; force: boolean }) =>
    postCamerasByIdCapture({ id, body: force ? { force } : undefined }),
  testShot: ({ id, shape }: { id: CameraId; shape: Shape }) => postCamerasByIdTestShot({ id, body: { shape } }),
  reportBacklog: (id: AgentView['id']) => postAgentsByIdBacklog({ id }),
  retryQuarantine: (id: AgentView['id']) => postAgentsByIdQuarantineRetry({ id }),
  restartAgent: (id: AgentView['id']) => postAgentsByIdRestart({ id }),
  setLogLevel: ({ id, ...input }: { id: AgentView['id']; level: 'debug' | 'info'; minutes: number }) =>
    postAgentsByIdLogLevel({ id, body: input }),
  testCamera: (id: CameraId) => postCamerasByIdTest({ id }),
  startTimelapse: (input: TimelapseInput) => postTimelapses({ body: input }),
  changeTimelapse: ({ id, change }: { id: TimelapseId; change: TimelapseChange }) =>
    patchTimelapsesById({ id, body: change }),
  moveTimelapse: ({ id, verb }: { id: TimelapseId; verb: 'pause' | 'resume' | 'complete' }) => MOVES[verb]({ id }),
  createVideo: (input: VideoInput) => postVideos({ body: input }),
  cancelVideo: (id: VideoId) => postVideosByIdCancel({ id }),
  deleteVideo: (id: VideoId) => deleteVideosById({ id }),
  retryJob: (id: JobId) => postJobsByIdRetry({ id }),
  createToken: (input: Pick<TokenView, 'name' | 'role' | 'scopes' | 'sites' | 'expiresAt'>) =>
    postTokens({ body: input }),
  deleteToken: (id: TokenId) => deleteTokensById({ id }),
};

export interface AgentCreated {
  agent: AgentView;
  secret: string;
  brokerUrl: string;
}

interface ActionOptions<Input, Answer> {
  run: (input: Input) => Promise<Answer>;
  /** What is shown before the server answers; taken back where it says no. */
  atOnce?: (input: Input) => readonly Foretaste[];
  /** Queries that are out of date after it. */
  stale?: readonly QueryKey[];
  /** Said when it worked. */
  done?: string | ((answer: Answer) => string);
  /** Where a fault is shown: said at the edge of the page, or left to the form. */
  faults?: 'said' | 'in-form';
  onDone?: (answer: Answer, input: Input) => void;
}

export interface Action<Input> {
  run: (input: Input) => void;
  busy: boolean;
  fault: ServerFault | null;
  /** What is wrong with the field at this path, in words. */
  problemOf: (path: string) => string | undefined;
  forget: () => void;
}

/** Never tried again by itself: the person decides that. */
export function useAction<Input, Answer>(options: ActionOptions<Input, Answer>): Action<Input> {
  const client = useQueryClient();
  const { run, atOnce, stale = [], done, faults = 'said', onDone } = options;
  const mutation = useMutation({
    mutationFn: run,
    networkMode: 'always',
    retry: false,
    onMutate: (input) => atOnce?.(input).map((show) => show(client)),
    onSettled: () => {
      for (const queryKey of stale) void client.invalidateQueries({ queryKey });
    },
    onSuccess: (answer, input) => {
      if (done !== undefined) sayDone(typeof done === 'string' ? done : done(answer));
      onDone?.(answer, input);
    },
    onError: (error, _input, takeBack) => {
      for (const undo of takeBack ?? []) undo();
      if (faults === 'said')
        sayFault(error.message, isServerFault(error) ? error.hint : words.faultsOfServer.unexpectedHint);
    },
  });
  const fault = isServerFault(mutation.error) ? mutation.error : null;
  return {
    run: mutation.mutate,
    busy: mutation.isPending,
    fault,
    problemOf: (path) => fault?.fields.find((field) => field.path === path)?.problem,
    forget: mutation.reset,
  };
}
