/** The credentials of an app. The sandbox has made-up ones. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenantId: string;
  readonly appKey: string;
}
