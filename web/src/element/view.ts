import { html, nothing, svg, type TemplateResult } from "lit";
import { styleMap } from "lit/directives/style-map.js";

import type { PickerOption } from "./options.js";
import type { PickerStrings } from "./strings.js";

/** What is drawn; the element's handlers come along. */
export interface PickerView {
  strings: PickerStrings;
  label: string;
  text: string;
  isAuto: boolean;
  confidence: number;
  canUndo: boolean;
  isOpen: boolean;
  isDisabled: boolean;
  isRequired: boolean;
  value: string;
  options: readonly PickerOption[];
  active: number;
  status: string;
  onInput: (event: Event) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onBlur: () => void;
  onToggle: () => void;
  onUndo: () => void;
  onChoose: (option: PickerOption) => void;
  onHover: (index: number) => void;
}

/** Without these, pressing a button or an option would take the focus out of the field. */
const keepFocus = (event: Event): void => {
  event.preventDefault();
};

/** After drawing: the active option is in sight, and typing replaces a chosen name. */
export function settle(root: ParentNode, isFiltering: boolean): void {
  root.querySelector(".option.active")?.scrollIntoView({ block: "nearest" });
  if (!isFiltering) root.querySelector<HTMLInputElement>("input:focus")?.select();
}

export function pickerTemplate(view: PickerView): TemplateResult {
  const { strings } = view;
  const active = view.isOpen && view.active >= 0 ? `option-${String(view.active)}` : "";
  const state = `${view.isAuto ? " auto" : ""}${view.isDisabled ? " disabled" : ""}`;
  return html`
    <div class="field${state}" part="field${view.isAuto ? " field-auto" : ""}">
      <input
        id="input"
        part="input"
        role="combobox"
        type="text"
        autocomplete="off"
        autocapitalize="none"
        spellcheck="false"
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls="listbox"
        aria-expanded=${view.isOpen ? "true" : "false"}
        aria-activedescendant=${active === "" ? nothing : active}
        aria-label=${view.label}
        aria-required=${view.isRequired ? "true" : "false"}
        aria-describedby=${view.isAuto ? "indicator" : nothing}
        placeholder=${strings.placeholder}
        ?disabled=${view.isDisabled}
        .value=${view.text}
        @input=${view.onInput}
        @keydown=${view.onKeyDown}
        @blur=${view.onBlur}
        @click=${view.isOpen ? nothing : view.onToggle}
      />
      ${view.isAuto ? indicator(view) : nothing}
      ${
        view.canUndo
          ? html`<button
              type="button"
              part="undo"
              ?disabled=${view.isDisabled}
              @mousedown=${keepFocus}
              @click=${view.onUndo}
            >
              ${strings.undo}
            </button>`
          : nothing
      }
      <button
        type="button"
        class="toggle${view.isOpen ? " open" : ""}"
        part="toggle"
        tabindex="-1"
        aria-label=${strings.open}
        aria-expanded=${view.isOpen ? "true" : "false"}
        aria-controls="listbox"
        ?disabled=${view.isDisabled}
        @mousedown=${keepFocus}
        @click=${view.onToggle}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true"><path d="m3 6 5 5 5-5" /></svg>
      </button>
    </div>
    ${popup(view)}
    <span class="status" role="status">${view.status}</span>
  `;
}

function indicator({ strings, confidence }: PickerView): TemplateResult {
  return html`<span id="indicator" class="indicator" part="indicator">
    ${ring(confidence)} ${strings.automatic} <bdi>${strings.percent(confidence)}</bdi>
  </span>`;
}

/** A share of one as a part of a circle; 37.7 is its circumference. */
function ring(share: number): TemplateResult {
  const arc = svg`<circle cx="8" cy="8" r="6" stroke-dasharray="${(share * 37.7).toFixed(2)} 37.7" />`;
  return html`<svg class="ring" part="ring" viewBox="0 0 16 16" aria-hidden="true">
    <circle class="track" cx="8" cy="8" r="6" />
    ${arc}
  </svg>`;
}

function popup(view: PickerView): TemplateResult {
  const { strings, options } = view;
  const lines = options.map((entry, index) => {
    const isFirst = entry.kind !== options[index - 1]?.kind;
    const heading = entry.kind === "suggestion" ? strings.suggestions : strings.allCategories;
    return html`${
      isFirst && entry.kind !== "create"
        ? html`<div class="heading" part="heading" role="presentation">${heading}</div>`
        : nothing
    }${line(view, entry, index)}`;
  });
  return html`<div
    id="listbox"
    class="popup"
    part="popup"
    role="listbox"
    aria-label=${view.label}
    ?hidden=${!view.isOpen}
    @mousedown=${keepFocus}
  >
    ${
      lines.length > 0
        ? lines
        : html`<div class="none" role="option" aria-disabled="true" aria-selected="false">
            ${strings.noMatch}
          </div>`
    }
  </div>`;
}

function line(view: PickerView, entry: PickerOption, index: number): TemplateResult {
  const isSelected = entry.kind !== "create" && entry.id === view.value;
  const isActive = index === view.active;
  const { confidence } = entry;
  return html`<div
    id="option-${index}"
    class="option ${entry.kind}${isActive ? " active" : ""}"
    part="option option-${entry.kind}${isActive ? " option-active" : ""}"
    role="option"
    aria-selected=${isSelected ? "true" : "false"}
    @click=${() => {
      view.onChoose(entry);
    }}
    @mousemove=${() => {
      view.onHover(index);
    }}
  >
    <span class="check" aria-hidden="true"
      >${isSelected ? "✓" : entry.kind === "create" ? "+" : ""}</span
    >
    ${
      entry.colour === null
        ? nothing
        : html`<span
            class="swatch"
            part="swatch"
            aria-hidden="true"
            style=${styleMap({ "--smartsynch-category": entry.colour })}
          ></span>`
    }
    <span class="name"
      >${entry.kind === "create" ? view.strings.create(entry.name) : entry.name}</span
    >
    ${
      confidence === null
        ? nothing
        : html`<span class="share">${view.strings.percent(confidence)}</span>${ring(confidence)}`
    }
  </div>`;
}
