import { type Check, ok } from './check.ts';

/** Whether the token host gives a token. */
export const signIn: Check = {
  name: 'sign-in',
  needs: ['ST_'],
  async look({ signIn }) {
    const { scopes } = await signIn();
    return [ok(`a token${scopes.size > 0 ? ` with ${scopes.size} scopes` : ''}`)];
  },
};
