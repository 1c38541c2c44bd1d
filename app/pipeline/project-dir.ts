import { fileURLToPath } from 'node:url';

/** The Dataform project: this repository's root, and in an image the folder that `npm run build` makes. */
export const PROJECT_DIR = fileURLToPath(new URL('../../', import.meta.url));
