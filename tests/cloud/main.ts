import { cloudSettings, startEmulators } from './emulators.ts';

/** `npm run emulators`: starts both servers, prints the settings for another terminal, and ends them on Ctrl-C. */
const { stop, ...emulators } = await startEmulators();
for (const [name, value] of Object.entries(cloudSettings(emulators))) console.log(`export ${name}=${value}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
