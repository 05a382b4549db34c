/** What people do, each as one request; and the hook that gives every one of them feedback at once. */
import type {
  AgentInput,
  AgentView,
  CameraChange,
  CameraId,
  CameraInput,
  CameraView,
  CommandView,
  JobId,
  Shape,
  SiteId,
  SiteInput,
  SiteView,
  TimelapseChange,
  TimelapseId,
  TimelapseInput,
  TimelapseView,
  TokenId,
  TokenView,
  UserView,
  VideoId,
  VideoInput,
  VideoView,
} from '@slowlight/protocol';
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { sayDone, sayFault } from '../parts/toasts.tsx';
import { words } from '../words.ts';
import type { Foretaste } from './foretaste.ts';
import { isServerFault, request, type ServerFault } from './request.ts';

const post = <Answer>(path: string, body?: unknown) => request<Answer>(path, { method: 'POST', body });
const patch = <Answer>(path: string, body: unknown) => request<Answer>(path, { method: 'PATCH', body });
const remove = (path: string) => request<void>(path, { method: 'DELETE' });

export const actions = {
  logIn: (input: { name: string; password: string }) => post<UserView>('/api/session', input),
  logOut: () => remove('/api/session'),
  changePassword: (input: { current: string; next: string }) => post<unknown>('/api/session/password', input),
  createSite: (input: SiteInput) => post<SiteView>('/api/sites', input),
  changeSite: ({ id, ...change }: Partial<SiteInput> & { id: SiteId }) => patch<SiteView>(`/api/sites/${id}`, change),
  createAgent: (input: AgentInput) => post<AgentCreated>('/api/agents', input),
  renameAgent: ({ id, name }: { id: AgentView['id']; name: string }) => patch<AgentView>(`/api/agents/${id}`, { name }),
  limitAgent: ({ id, delivery }: Pick<AgentView, 'id' | 'delivery'>) =>
    patch<AgentView>(`/api/agents/${id}`, { delivery }),
  createCamera: (input: CameraInput) => post<CameraView>('/api/cameras', input),
  changeCamera: ({ id, change }: { id: CameraId; change: CameraChange }) =>
    patch<CameraView>(`/api/cameras/${id}`, change),
  deleteCamera: (id: CameraId) => remove(`/api/cameras/${id}`),
  captureNow: ({ id, force }: { id: CameraId; force: boolean }) =>
    post<CommandView>(`/api/cameras/${id}/capture`, force ? { force } : undefined),
  testShot: ({ id, shape }: { id: CameraId; shape: Shape }) =>
    post<CommandView>(`/api/cameras/${id}/test-shot`, { shape }),
  reportBacklog: (id: AgentView['id']) => post<CommandView>(`/api/agents/${id}/backlog`),
  retryQuarantine: (id: AgentView['id']) => post<CommandView>(`/api/agents/${id}/quarantine/retry`),
  restartAgent: (id: AgentView['id']) => post<CommandView>(`/api/agents/${id}/restart`),
  setLogLevel: ({ id, ...input }: { id: AgentView['id']; level: 'debug' | 'info'; minutes: number }) =>
    post<CommandView>(`/api/agents/${id}/log-level`, input),
  testCamera: (id: CameraId) => post<CommandView>(`/api/cameras/${id}/test`),
  startTimelapse: (input: TimelapseInput) => post<TimelapseView>('/api/timelapses', input),
  changeTimelapse: ({ id, change }: { id: TimelapseId; change: TimelapseChange }) =>
    patch<TimelapseView>(`/api/timelapses/${id}`, change),
  moveTimelapse: ({ id, verb }: { id: TimelapseId; verb: 'pause' | 'resume' | 'complete' }) =>
    post<TimelapseView>(`/api/timelapses/${id}/${verb}`),
  createVideo: (input: VideoInput) => post<VideoView>('/api/videos', input),
  cancelVideo: (id: VideoId) => post<unknown>(`/api/videos/${id}/cancel`),
  deleteVideo: (id: VideoId) => remove(`/api/videos/${id}`),
  retryJob: (id: JobId) => post<unknown>(`/api/jobs/${id}/retry`),
  createToken: (input: Pick<TokenView, 'name' | 'role' | 'scopes' | 'sites' | 'expiresAt'>) =>
    post<{ token: TokenView; secret: string }>('/api/tokens', input),
  deleteToken: (id: TokenId) => remove(`/api/tokens/${id}`),
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
