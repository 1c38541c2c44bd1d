/** What an app signs in with; the sandbox makes up its own. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenantId: string;
  readonly appKey: string;
}
