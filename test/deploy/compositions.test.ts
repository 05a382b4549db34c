import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { readConfig } from '@slowlight/control-plane/src/config.ts';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const root = path.join(import.meta.dirname, '../..');
const folder = path.join(root, 'deploy/control-plane');
const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');

/** As compose puts them in: `${NAME}`, `${NAME:?what to do}`. */
const filledIn = (text: string) => text.replaceAll(/\$\{\w+(?::\?[^}]*)?\}/g, 'given.example.org');

interface Compose {
  services: Record<
    string,
    { environment?: Record<string, string>; volumes?: string[]; depends_on?: Record<string, unknown> }
  >;
  volumes: Record<string, unknown>;
}

describe('the image', () => {
  const dockerfile = read('Dockerfile').replaceAll('\\\n', ' ');

  it('is made of files that are there', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, list = '']) => list.split(' '));
    expect(copied.length).toBeGreaterThan(8);
    for (const name of copied) expect(() => statSync(path.join(root, name)), name).not.toThrow();
  });

  it('knows the manifest of every workspace, so that the lock file fits', () => {
    const { workspaces } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      workspaces: string[];
    };
    for (const workspace of workspaces) expect(dockerfile).toContain(`COPY ${workspace}/package.json ${workspace}/\n`);
  });

  it('runs as nobody in particular, with settings that are right, on the run time that is pinned', () => {
    const stages = dockerfile.split(/^FROM /m);
    const last = stages.at(-1) ?? '';
    expect(/^USER (.+)$/m.exec(last)?.[1]).toBe('node');
    const given = [...last.matchAll(/\b(SLOWLIGHT_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]);
    expect(readConfig(Object.fromEntries(given), '/nowhere').http.secure).not.toBeNull();
    const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const major = String(devDependencies.node).split('.')[0];
    expect(stages.slice(1).filter((stage) => /^node:/.test(stage))).toSatisfy((all: string[]) =>
      all.every((stage) => stage.startsWith(`node:${major}-`)),
    );
  });
});

describe.each(['compose.yaml', 'compose.house.yaml'])('%s', (name) => {
  const compose = parse(filledIn(read(name))) as Compose;

  it('gives the control plane settings with which it starts', () => {
    const { environment } = compose.services['control-plane'] ?? {};
    expect(() => readConfig({ ...environment }, '/nowhere')).not.toThrow();
  });

  it('names only services, volumes and files that are there', () => {
    for (const [service, { volumes = [], depends_on = {} }] of Object.entries(compose.services)) {
      for (const needed of Object.keys(depends_on)) expect(Object.keys(compose.services), service).toContain(needed);
      for (const volume of volumes.map((one) => one.split(':')[0] ?? '').filter((from) => !from.startsWith('/')))
        if (volume.startsWith('.')) expect(() => statSync(path.join(folder, volume)), volume).not.toThrow();
        else expect(Object.keys(compose.volumes), service).toContain(volume);
    }
  });

  it('asks for nothing that its example of settings does not name', () => {
    const asked = new Set([...read(name).matchAll(/\$\{(\w+)/g)].map(([, variable]) => variable));
    const named =
      name === 'compose.yaml'
        ? ['SLOWLIGHT_NAME']
        : [...read('house.env.example').matchAll(/^(\w+)=/gm)].map(([, one]) => one);
    expect([...asked].filter((variable) => !named.includes(variable))).toEqual([]);
  });
});

describe('the manifests for Kubernetes', () => {
  interface Manifest {
    kind: string;
    metadata: { name: string };
    data?: Record<string, string>;
    stringData?: Record<string, string>;
    spec?: {
      selector?: Record<string, string> & { matchLabels?: Record<string, string> };
      podSelector?: { matchLabels?: Record<string, string> };
      ports?: { targetPort: string }[];
      template?: {
        metadata: { labels: Record<string, string> };
        spec: {
          securityContext: { runAsNonRoot: boolean };
          containers: {
            env?: { name: string; value: string }[];
            ports?: { name: string }[];
            securityContext: { readOnlyRootFilesystem: boolean };
            volumeMounts: { name: string }[];
          }[];
          volumes: { name: string }[];
        };
      };
    };
  }
  const listed = (parse(read('kubernetes/kustomization.yaml')) as { resources: string[] }).resources;
  const documents = readdirSync(path.join(folder, 'kubernetes'))
    .filter((name) => name !== 'kustomization.yaml')
    .flatMap((name) => parseAllDocuments(read(`kubernetes/${name}`)).map((one) => one.toJS() as Manifest));
  const deployments = documents.filter(({ kind }) => kind === 'Deployment');
  const labelsOf = ({ spec }: Manifest) => spec?.template?.metadata.labels ?? {};

  it('are all part of what is applied, but for the example of the secret', () => {
    const there = readdirSync(path.join(folder, 'kubernetes')).filter(
      (name) => !/^(kustomization|secret\.example)/.test(name),
    );
    expect(there.toSorted()).toEqual(listed.toSorted());
  });

  it('give every program settings with which it starts, from map, secret and its own', () => {
    const given = Object.assign({}, ...documents.map(({ data, stringData }) => ({ ...data, ...stringData })));
    const secrets = {
      SLOWLIGHT_BROKER_HTTP_SECRET: 'x'.repeat(16),
      SLOWLIGHT_BROKER_PASSWORD: 'x',
      SLOWLIGHT_S3_ACCESS_KEY: 'x',
      SLOWLIGHT_S3_SECRET_KEY: 'x',
    };
    expect(deployments).toHaveLength(2);
    for (const { spec } of deployments)
      for (const { env = [] } of spec?.template?.spec.containers ?? []) {
        const own = Object.fromEntries(env.map(({ name, value }) => [name, value]));
        expect(() => readConfig({ ...given, ...secrets, ...own }, '/nowhere')).not.toThrow();
      }
  });

  it('select pods that exist, mount what is there, and let no program write or be root where it need not', () => {
    for (const { metadata, spec } of documents.filter(({ kind }) => ['Service', 'NetworkPolicy'].includes(kind))) {
      const wanted = Object.entries(spec?.podSelector?.matchLabels ?? spec?.selector ?? {});
      const chosen = deployments.filter((one) => wanted.every(([label, value]) => labelsOf(one)[label] === value));
      expect(chosen, metadata.name).toHaveLength(1);
      for (const { targetPort } of spec?.ports ?? [])
        expect(chosen[0]?.spec?.template?.spec.containers[0]?.ports?.map(({ name }) => name)).toContain(targetPort);
    }
    for (const { metadata, spec } of deployments) {
      const pod = spec?.template?.spec;
      expect(spec?.selector?.matchLabels, metadata.name).toEqual(spec?.template?.metadata.labels);
      expect(pod?.securityContext.runAsNonRoot).toBe(true);
      for (const container of pod?.containers ?? []) {
        expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
        expect(pod?.volumes.map(({ name }) => name)).toEqual(container.volumeMounts.map(({ name }) => name));
      }
    }
  });
});
