import { schedules } from './schedules.ts';

schedules(1, 2);
