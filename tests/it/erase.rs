//! Erasing: what is gone, for whom, from where; and what stays gone.

mod files;
mod pages;
mod toys;
