//! [`Taxonomy`]: which fields events have, so that a misspelt one is a fault and not a rule that never fires.

/// Which log source the events come from and which fields they have.
///
/// ```
/// use litesoc_sigma::{RuleSet, Taxonomy};
///
/// let taxonomy = Taxonomy::new("litesoc").field("event").field("actor.id").open("metadata.");
/// let rule = "
/// title: Typo
/// logsource:
///     product: litesoc
/// detection:
///     selection:
///         evnet: data.export
///     condition: selection
/// ";
/// let faults = RuleSet::parse_as(&taxonomy, [("typo.yml", rule)]).unwrap_err();
/// assert_eq!(faults.to_string(), "typo.yml:7:9: no event has a field `evnet`; did you mean `event`?");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Taxonomy {
    product: Option<Box<str>>,
    fields: Vec<Box<str>>,
    open: Vec<Box<str>>,
}

impl Taxonomy {
    /// Any log source and any field.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// Events of one product, so far without a field; a rule for another product is a fault.
    #[must_use]
    pub fn new(product: impl Into<Box<str>>) -> Self {
        Self { product: Some(product.into()), ..Self::default() }
    }

    /// The same with this field.
    #[must_use]
    pub fn field(mut self, name: impl Into<Box<str>>) -> Self {
        self.fields.push(name.into());
        self
    }

    /// The same with every field that begins so.
    #[must_use]
    pub fn open(mut self, prefix: impl Into<Box<str>>) -> Self {
        self.open.push(prefix.into());
        self
    }

    /// The fields that are known by their whole name.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|name| &**name)
    }

    pub(crate) fn product(&self) -> Option<&str> {
        self.product.as_deref()
    }

    pub(crate) fn knows_field(&self, name: &str) -> bool {
        let is_any = self.fields.is_empty() && self.open.is_empty();
        is_any
            || self.fields().any(|known| known == name)
            || self.open.iter().any(|prefix| name.len() > prefix.len() && name.starts_with(&**prefix))
    }

    pub(crate) fn advice(&self) -> String {
        let open = self.open.iter().map(|prefix| format!("{prefix}*"));
        let known: Vec<String> = self.fields().map(str::to_owned).chain(open).collect();
        format!("known are {}", known.join(", "))
    }
}
