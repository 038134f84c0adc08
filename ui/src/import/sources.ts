/** Where contacts come from, and what to press there to get them as a file. */
import type { IconName } from '../shared/icons';

export interface Source {
  id: string;
  name: string;
  icon: IconName;
  /** What to do there, one press after the other. */
  steps: readonly string[];
  /** What to know beside that. */
  mind?: string;
}

export const SOURCES: readonly Source[] = [
  {
    id: 'iphone',
    name: 'iPhone',
    icon: 'mobile',
    steps: [
      'On the iPhone, open Contacts and tap Lists.',
      'Touch and hold All Contacts, then tap Export.',
      'Choose what goes along, tap Done, and send the file to this computer: by AirDrop, by mail, or through Files.',
    ],
    mind: 'Are they in iCloud? On icloud.com, open Contacts, choose them all, and take Export vCard from the menu at the bottom.',
  },
  {
    id: 'android',
    name: 'Android',
    icon: 'mobile',
    steps: [
      'On the phone, open Contacts and tap Fix and manage, or Organise.',
      'Tap Export to file, and choose the accounts.',
      'Send the file contacts.vcf to this computer: by cable, by mail, or with Quick Share.',
    ],
    mind: 'On a Samsung phone: Contacts, the menu, Manage contacts, Import or export contacts, Export.',
  },
  {
    id: 'google',
    name: 'Google',
    icon: 'globe',
    steps: [
      'Open contacts.google.com and press Export on the left.',
      'Choose all contacts, or a label.',
      'Choose vCard, press Export, and drop the file here.',
    ],
    mind: 'Google CSV works as well. A vCard keeps the photos.',
  },
  {
    id: 'outlook',
    name: 'Outlook',
    icon: 'mail',
    steps: [
      'In the new Outlook or on outlook.com, open People, then Manage contacts, then Export contacts.',
      'Choose the folder, and press Export.',
      'Drop the file contacts.csv here.',
    ],
    mind: 'In Outlook for Windows: File, Open & Export, Import/Export, Export to a file, Comma Separated Values, Contacts.',
  },
  {
    id: 'thunderbird',
    name: 'Thunderbird',
    icon: 'mail',
    steps: [
      'Open the Address Book, and choose a book on the left.',
      'Press Tools, then Export.',
      'Choose vCard as the type, save the file, and drop it here.',
    ],
    mind: 'Several address books are several files: drop them together.',
  },
  {
    id: 'macos',
    name: 'macOS Contacts',
    icon: 'desktop',
    steps: [
      'Open Contacts and choose All Contacts on the left.',
      'Choose Edit, Select All; then File, Export, Export vCard.',
      'Save the file, and drop it here.',
    ],
    mind: 'Photos come along if Contacts, Settings, vCard says “Export photos in vCards”.',
  },
];
