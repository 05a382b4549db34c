/** The little of oidc-provider that the rig uses; the package has no types. */
declare module 'oidc-provider' {
  import type { Server } from 'node:http';

  // biome-ignore lint/style/noDefaultExport: as the package has it
  export default class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    on(event: 'server_error', listener: () => void): this;
    listen(port: number, host: string): Server;
  }
}
