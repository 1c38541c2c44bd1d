import { type Check, ok } from './check.ts';

/** Checks that the token host issues a token. */
export const signIn: Check = {
  name: 'sign-in',
  needs: ['ST_'],
  async run({ signIn }) {
    const { scopes } = await signIn();
    return [ok(`got a token${scopes.size > 0 ? ` with ${scopes.size} scopes` : ''}`)];
  },
};
