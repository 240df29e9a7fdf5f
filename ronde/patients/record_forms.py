"""Forms around an identity: document seen, special cases, consent, look-alikes, and the creation,
which asks for all of it at once.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.patients import fields, traits
from ronde.patients.actions import ConsentStatement
from ronde.patients.forms import IdentityForm, is_adult
from ronde.patients.models import ConsentGiver, Proof

# Shown in the list because people bring them, refused because they prove no identity.
REFUSED = {"permis": gettext_lazy("Permis de conduire"), "vitale": gettext_lazy("Carte Vitale")}
LONGEST_REASON = 500


def proof_field(*, required: bool) -> forms.ChoiceField:
    nothing = gettext_lazy("Sélectionner") if required else gettext_lazy("Aucune pièce vue")
    return forms.ChoiceField(
        label=gettext_lazy("Pièce d'identité vue"),
        choices=[("", nothing), *Proof.choices, *REFUSED.items()],
        required=required,
        error_messages={"required": gettext_lazy("Indiquez la pièce que vous avez vue.")},
    )


def reason_field(label: Any, missing: Any, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": missing},
        **options,
    )


class ProofMixin(forms.Form):
    def clean_proof(self) -> str:
        proof = self.cleaned_data["proof"]
        if proof in REFUSED:
            raise forms.ValidationError(
                _(
                    "%(name)s : pièce non reconnue, elle ne prouve pas l'identité. Demandez une"
                    " carte d'identité, un passeport, un livret de famille, un extrait d'acte de"
                    " naissance ou un titre permanent de séjour."
                )
                % {"name": REFUSED[proof]}
            )
        return proof


class ProofForm(ProofMixin):
    """A document was seen and says the same as the screen."""

    proof = proof_field(required=True)
    compared = forms.BooleanField(
        label=gettext_lazy("Les traits affichés sont ceux de la pièce, prénoms compris"),
        error_messages={
            "required": gettext_lazy("Comparez les traits avec la pièce, puis cochez.")
        },
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class FlagsMixin(forms.Form):
    """The three special cases of AZUREZO, sheet 14bis."""

    is_homonym = fields.flag_field(
        gettext_lazy("Identité homonyme"),
        gettext_lazy("Une autre personne a des traits très ressemblants : vigilance."),
    )
    is_doubtful = fields.flag_field(
        gettext_lazy("Identité douteuse"),
        gettext_lazy("Un doute existe sur l'identité recueillie. Elle reste provisoire."),
    )
    is_fictitious = fields.flag_field(
        gettext_lazy("Identité fictive"),
        gettext_lazy(
            "Sans rapport avec l'identité réelle (anonymat…). Elle reste provisoire ;"
            " les noms peuvent être « VIDE »."
        ),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("is_doubtful") and values.get("is_fictitious"):
            self.add_error(
                "is_fictitious", _("Une identité n'est pas à la fois douteuse et fictive.")
            )
        return values


class FlagsForm(FlagsMixin):
    version = forms.IntegerField(widget=forms.HiddenInput)
    confirmed = forms.BooleanField(
        label=gettext_lazy("J'ai compris, enregistrer quand même"), required=False
    )


class ConsentMixin(forms.Form):
    """Who consented, and the attestation without which there is no record."""

    given_by = forms.ChoiceField(
        label=gettext_lazy("Consentement recueilli auprès de"),
        choices=ConsentGiver.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Indiquez qui a donné le consentement.")},
    )
    given_by_other = fields.line_field(gettext_lazy("Précisez : nom et qualité"), 120)
    attested = forms.BooleanField(
        label=gettext_lazy("J'atteste que le patient est consentant à la création de ce dossier"),
        error_messages={
            "required": gettext_lazy(
                "Attention, vous ne pouvez pas créer le patient sans son consentement."
            )
        },
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        other = values.get("given_by") == ConsentGiver.OTHER
        if other and not values.get("given_by_other", "").strip():
            self.add_error("given_by_other", _("Précisez qui donne le consentement."))
        if not other:
            values["given_by_other"] = ""
        return values

    def statement(self) -> ConsentStatement:
        return ConsentStatement(
            given_by=self.cleaned_data["given_by"],
            given_by_other=self.cleaned_data["given_by_other"],
        )


class ConsentForm(ConsentMixin):
    """A consent collected again after a withdrawal."""

    attested = forms.BooleanField(
        label=gettext_lazy("J'atteste que le consentement a été recueilli"),
        error_messages={
            "required": gettext_lazy("Cochez pour attester que le consentement a été recueilli.")
        },
    )

    def __init__(self, *args: Any, born: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.born = born

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        refuse_parent_of_adult(self, values, self.born)
        return values


def refuse_parent_of_adult(form: forms.Form, values: dict[str, Any], born: Any) -> None:
    if values.get("given_by") == ConsentGiver.PARENT and is_adult(born):
        form.add_error(
            "given_by",
            _("Le patient est majeur : l'autorité parentale ne peut plus consentir pour lui."),
        )


class WithdrawalForm(forms.Form):
    reason = reason_field(
        gettext_lazy("Raison de l'annulation"),
        gettext_lazy("Indiquez la raison de l'annulation du consentement."),
        help_text=gettext_lazy("Le cercle de soins lira ce texte."),
    )


class DecisionForm(forms.Form):
    """It is somebody else: the decision that lets a creation go on, with its ground."""

    different = forms.BooleanField(
        label=gettext_lazy("J'ai comparé les traits : mon patient est une autre personne"),
        error_messages={
            "required": gettext_lazy("Comparez les traits, puis cochez si c'est quelqu'un d'autre.")
        },
    )
    why = reason_field(
        gettext_lazy("Pourquoi ?"),
        gettext_lazy("Dites ce qui montre que c'est une autre personne."),
        help_text=gettext_lazy("Par exemple : jumeau, pièce d'identité vue, adresse différente."),
    )


class CreationForm(ProofMixin, FlagsMixin, ConsentMixin, IdentityForm):
    """Identity, special cases, document and consent on one page (AZUREZO, sheets 13 to 14bis)."""

    proof = proof_field(required=False)

    # As on the page, for the list of what is to be corrected.
    field_order = ("birth_name", "first_given", "birth_date", "sex", "where", "birth_commune",
                   "birth_country", "given_names", "uses_other", "used_name", "used_given",
                   "twin_rank", "nir", "holder_nir", "proof", "mobile", "phone", "email",
                   "address_line", "address_extra", "commune_code", "postcode", "is_homonym",
                   "is_doubtful", "is_fictitious", "given_by", "given_by_other",
                   "attested")  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        refuse_parent_of_adult(self, values, values.get("birth_date"))
        if values.get("proof"):
            self._proved(values)
        return values

    def _proved(self, values: dict[str, Any]) -> None:
        """What a document cannot prove."""
        if values.get("is_doubtful") or values.get("is_fictitious"):
            self.add_error(
                "proof",
                _("Une identité douteuse ou fictive reste provisoire : ne notez pas de pièce."),
            )
        elif not {"birth_name", "first_given", "birth_date", "place"} <= values.keys():
            return
        elif traits.provisional(
            values["birth_name"], values["first_given"], values["birth_date"], values["place"][0]
        ):
            self.add_error(
                "proof", _("Remplacez d'abord les traits inconnus par ceux de la pièce vue.")
            )
        elif "given_names" not in self.errors and not values.get("given_names"):
            self.add_error(
                "given_names", _("Recopiez tous les prénoms inscrits sur la pièce d'identité.")
            )

    def identity(self) -> dict[str, Any]:
        flags = ("is_homonym", "is_doubtful", "is_fictitious")
        return {**super().identity(), **{name: self.cleaned_data[name] for name in flags}}


class CorrectionForm(IdentityForm):
    """A correction of the identity of a record, begun at `version`.

    `confirmed` answers the sentence that says what a change of a strict trait undoes.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    confirmed = forms.BooleanField(
        label=gettext_lazy("J'ai compris, enregistrer la correction"), required=False
    )

    def __init__(self, *args: Any, fictitious: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fictitious = fictitious

    def is_fictitious(self, values: dict[str, Any]) -> bool:
        return self.fictitious
